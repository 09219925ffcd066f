#include "tools/qm/exporter/position_spool.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <queue>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::qm {
namespace {

bool WriteText(std::FILE* file, std::string_view text) {
  const auto size = static_cast<uint16_t>(text.size());
  return std::fwrite(&size, sizeof(size), 1, file) == 1 &&
         std::fwrite(text.data(), 1, text.size(), file) == text.size();
}

bool ReadText(std::FILE* file, std::string* text) {
  uint16_t size = 0;
  if (std::fread(&size, sizeof(size), 1, file) != 1) return false;
  text->resize(size);
  return std::fread(text->data(), 1, size, file) == size;
}

absl::Status SpoolError(const std::string& directory) {
  return absl::UnavailableError(absl::StrCat("cannot write a temporary file in ", directory));
}

}  // namespace

// A run, or what is still in memory, entry by entry.
class PositionSpool::Source {
 public:
  explicit Source(std::FILE* file) : file_(file) { std::rewind(file); }
  explicit Source(const std::vector<Entry>* buffer) : buffer_(buffer) {}

  // False at the end, and if it cannot be read: see failed().
  bool Next() {
    if (buffer_ != nullptr) {
      if (next_ == buffer_->size()) return false;
      entry_ = (*buffer_)[next_++];
      return true;
    }
    if (const int c = std::fgetc(file_); c != EOF) {
      std::ungetc(c, file_);
    } else {
      failed_ = std::ferror(file_) != 0;
      return false;
    }
    const bool read = ReadText(file_, &entry_.sku) && ReadText(file_, &entry_.location_id) &&
                      std::fread(entry_.counts.data(), sizeof(int64_t), kCounts, file_) == kCounts;
    failed_ = !read;
    return read;
  }
  const Entry& entry() const { return entry_; }
  bool failed() const { return failed_; }

 private:
  std::FILE* file_ = nullptr;
  const std::vector<Entry>* buffer_ = nullptr;
  size_t next_ = 0;
  Entry entry_;
  bool failed_ = false;
};

PositionSpool::PositionSpool(std::string directory, size_t in_memory_max)
    : directory_(std::move(directory)), in_memory_max_(in_memory_max) {}

PositionSpool::~PositionSpool() = default;

absl::Status PositionSpool::Add(Entry entry) {
  buffer_.push_back(std::move(entry));
  return buffer_.size() < in_memory_max_ ? absl::OkStatus() : Flush();
}

void PositionSpool::SortBuffer() {
  std::stable_sort(buffer_.begin(), buffer_.end(),
                   [](const Entry& a, const Entry& b) { return a.Before(b); });
  size_t kept = 0;
  for (size_t i = 0; i < buffer_.size(); ++i) {
    const bool last = i + 1 == buffer_.size() || !buffer_[i].SamePosition(buffer_[i + 1]);
    if (!last) continue;
    if (kept != i) buffer_[kept] = std::move(buffer_[i]);
    ++kept;
  }
  buffer_.resize(kept);
}

absl::Status PositionSpool::Flush() {
  SortBuffer();
  std::string path = absl::StrCat(directory_, "/.qm-export.XXXXXX");
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) return SpoolError(directory_);
  // Without a name it is gone with the process, however that ends.
  ::unlink(path.c_str());
  File file(::fdopen(descriptor, "w+b"), &std::fclose);
  if (file == nullptr) {
    ::close(descriptor);
    return SpoolError(directory_);
  }
  for (const Entry& entry : buffer_) {
    const bool written =
        WriteText(file.get(), entry.sku) && WriteText(file.get(), entry.location_id) &&
        std::fwrite(entry.counts.data(), sizeof(int64_t), kCounts, file.get()) == kCounts;
    if (!written) return SpoolError(directory_);
  }
  if (std::fflush(file.get()) != 0) return SpoolError(directory_);
  buffer_.clear();
  runs_.push_back(std::move(file));
  return absl::OkStatus();
}

absl::Status PositionSpool::ForEach(const std::function<void(const Entry&)>& visit) {
  SortBuffer();
  std::vector<Source> sources;
  for (const File& run : runs_) sources.emplace_back(run.get());
  sources.emplace_back(&buffer_);
  // Of the same position the latest run comes first.
  const auto later = [&](size_t a, size_t b) {
    const Entry& x = sources[a].entry();
    const Entry& y = sources[b].entry();
    return x.SamePosition(y) ? a < b : y.Before(x);
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> next(later);
  const auto advance = [&](size_t i) {
    if (sources[i].Next()) next.push(i);
    return !sources[i].failed();
  };
  bool good = true;
  for (size_t i = 0; i < sources.size(); ++i) good = advance(i) && good;
  Entry latest;
  bool some = false;
  while (good && !next.empty()) {
    const size_t i = next.top();
    next.pop();
    if (!some || !latest.SamePosition(sources[i].entry())) {
      latest = sources[i].entry();
      some = true;
      visit(latest);
    }
    good = advance(i);
  }
  return good
             ? absl::OkStatus()
             : absl::UnavailableError(absl::StrCat("cannot read a temporary file in ", directory_));
}

}  // namespace quartermaster::qm
