#include "tools/qm/backup/segments.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"

namespace quartermaster::qm {
namespace {

constexpr char kExtension[] = ".frames";

std::string SegmentName(int64_t first) { return absl::StrFormat("%020d%s", first, kExtension); }

// In the order of their positions.
std::vector<std::string> SegmentPaths(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == kExtension) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Frame by frame through one file.
class SegmentReader {
 public:
  static absl::StatusOr<SegmentReader> Open(const std::string& path) {
    QM_ASSIGN_OR_RETURN(File file, File::OpenToRead(path));
    QM_ASSIGN_OR_RETURN(const int64_t size, file.Size());
    return SegmentReader(std::move(file), size);
  }

  bool at_end() const { return offset_ == size_; }
  int64_t offset() const { return offset_; }
  const std::string& bytes() const { return bytes_; }

  // The frame that follows, which must begin at `position`. The view is of bytes(). kDataLoss, and
  // the reader stays where it is, if it is not there.
  absl::StatusOr<storage::FrameView> Next(int64_t position) {
    const auto damaged = [&](std::string_view why) {
      return absl::DataLossError(absl::StrCat(file_.path(), ", byte ", offset_, ": position ",
                                              position, ": ", std::string(why)));
    };
    QM_RETURN_IF_ERROR(file_.ReadAt(offset_, storage::kFrameHeaderSize, &bytes_));
    if (bytes_.size() < storage::kFrameHeaderSize) return damaged("the file ends within a frame");
    const size_t size = storage::FrameSize(bytes_);
    if (static_cast<int64_t>(size) > size_ - offset_)
      return damaged("the file ends within a frame");
    QM_RETURN_IF_ERROR(file_.ReadAt(offset_, size, &bytes_));
    const absl::StatusOr<storage::FrameView> frame = storage::FrameView::Parse(bytes_);
    if (absl::IsFailedPrecondition(frame.status())) return frame.status();
    if (!frame.ok()) return damaged(std::string(frame.status().message()));
    if (frame->first_position() != position) {
      return damaged(absl::StrCat("the frame begins at ", frame->first_position()));
    }
    offset_ += static_cast<int64_t>(size);
    return *frame;
  }

 private:
  SegmentReader(File file, int64_t size) : file_(std::move(file)), size_(size) {}

  File file_;
  int64_t size_ = 0;
  int64_t offset_ = 0;
  std::string bytes_;
};

absl::Status Missing(const std::string& directory, int64_t position, int64_t head) {
  return absl::DataLossError(absl::StrCat(directory, ": position ", position,
                                          " is missing; the backup was complete to ", head));
}

}  // namespace

std::string SegmentDirectory(const std::string& backup, const std::string& partition) {
  std::string name;
  for (const char c : partition) {
    if (c > ' ' && c <= '~' && c != '%' && c != '/') {
      name += c;
    } else {
      absl::StrAppendFormat(&name, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return absl::StrCat(backup, "/", name);
}

absl::StatusOr<SegmentWriter> SegmentWriter::Open(const std::string& backup,
                                                  const std::string& partition, int64_t complete,
                                                  int64_t segment_bytes) {
  SegmentWriter writer;
  writer.directory_ = SegmentDirectory(backup, partition);
  writer.segment_bytes_ = segment_bytes;
  QM_RETURN_IF_ERROR(storage::MakeDirectories(writer.directory_));
  QM_RETURN_IF_ERROR(writer.FindEnd(complete));
  return writer;
}

absl::Status SegmentWriter::FindEnd(int64_t complete) {
  std::vector<std::string> paths = SegmentPaths(directory_);
  std::vector<std::string> without_frame;
  absl::Status damage;
  for (; !paths.empty() && head_ == 0; paths.pop_back()) {
    const std::string& path = paths.back();
    QM_ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::Open(path));
    int64_t next = 0;
    if (!absl::SimpleAtoi(std::filesystem::path(path).stem().string(), &next)) next = 0;
    while (!reader.at_end()) {
      const auto frame = reader.Next(next);
      if (!frame.ok() && !absl::IsDataLoss(frame.status())) return frame.status();
      if (!frame.ok() && damage.ok()) damage = frame.status();
      if (!frame.ok()) break;
      head_ = frame->last_position();
      next = head_ + 1;
      last_frame_ = reader.bytes();
    }
    if (head_ == 0) {
      without_frame.push_back(path);
      continue;
    }
    QM_ASSIGN_OR_RETURN(file_, File::OpenToWrite(path));
    size_ = reader.offset();
  }
  // Only what no run has vouched for may be cut off.
  if (head_ < complete) return damage.ok() ? Missing(directory_, head_ + 1, complete) : damage;
  for (const std::string& path : without_frame) QM_RETURN_IF_ERROR(storage::RemoveDurably(path));
  return file_.is_open() ? file_.Truncate(size_) : absl::OkStatus();
}

absl::Status SegmentWriter::Append(std::string frame) {
  const auto view = storage::FrameView::Parse(frame);
  QM_RETURN_IF_ERROR(view.status());
  if (view->first_position() != head_ + 1) {
    return absl::DataLossError(
        absl::StrCat("the frame after position ", head_, " begins at ", view->first_position()));
  }
  if (!file_.is_open() || size_ >= segment_bytes_) {
    if (file_.is_open()) QM_RETURN_IF_ERROR(file_.Sync());
    QM_ASSIGN_OR_RETURN(file_,
                        File::OpenToWrite(absl::StrCat(directory_, "/", SegmentName(head_ + 1))));
    QM_RETURN_IF_ERROR(file_.Truncate(0));
    size_ = 0;
  }
  QM_RETURN_IF_ERROR(file_.WriteAt(size_, frame));
  size_ += static_cast<int64_t>(frame.size());
  head_ = view->last_position();
  last_frame_ = std::move(frame);
  return absl::OkStatus();
}

absl::Status SegmentWriter::Sync() {
  if (file_.is_open()) QM_RETURN_IF_ERROR(file_.Sync());
  return storage::SyncDirectory(directory_);
}

absl::Status ReadSegments(const std::string& backup, const std::string& partition, int64_t head,
                          const FrameCallback& on_frame) {
  const std::string directory = SegmentDirectory(backup, partition);
  int64_t next = 1;
  for (const std::string& path : SegmentPaths(directory)) {
    if (next > head) break;
    QM_ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::Open(path));
    while (next <= head && !reader.at_end()) {
      QM_ASSIGN_OR_RETURN(const storage::FrameView frame, reader.Next(next));
      QM_RETURN_IF_ERROR(on_frame(frame, reader.bytes()));
      next = frame.last_position() + 1;
    }
  }
  if (next <= head) return Missing(directory, next, head);
  if (next == head + 1) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(directory, ": a frame spans position ", head, ", where the cut ends"));
}

}  // namespace quartermaster::qm
