#include "storage/checked_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

// For the size of XXH3_state_t: a state in place.
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

namespace quartermaster::storage {
namespace {

constexpr std::string_view kFileMagic = "QMCHECK";
// The byte behind it.
constexpr uint8_t kFileFormat = 1;
constexpr size_t kHeaderBytes = 8;
// How many bytes the content has, and the checksum of all before it.
constexpr size_t kTrailerBytes = 16;
constexpr size_t kPieceBytes = 1 << 20;

// As many bytes as there are; fewer than asked only at the end.
absl::StatusOr<size_t> ReadAt(int fd, uint64_t offset, char* to, size_t size,
                              const std::string& path) {
  size_t read = 0;
  while (read < size) {
    const ssize_t n = ::pread(fd, to + read, size - read, static_cast<off_t>(offset + read));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("read", path);
    if (n == 0) break;
    read += static_cast<size_t>(n);
  }
  return read;
}

absl::Status Damaged(const std::string& path, const char* how) {
  return absl::DataLossError(absl::StrCat(path, " ", how));
}

}  // namespace

struct CheckedFileWriter::Hash {
  XXH3_state_t state;
};

absl::StatusOr<std::unique_ptr<CheckedFileWriter>> CheckedFileWriter::Create(std::string path) {
  QM_ASSIGN_OR_RETURN(std::unique_ptr<DurableWriter> file, DurableWriter::Create(path));
  std::unique_ptr<CheckedFileWriter> writer(
      new CheckedFileWriter(std::move(path), std::move(file)));
  std::string header(kFileMagic);
  header.push_back(static_cast<char>(kFileFormat));
  QM_RETURN_IF_ERROR(writer->Write(header));
  return writer;
}

CheckedFileWriter::CheckedFileWriter(std::string path, std::unique_ptr<DurableWriter> file)
    : path_(std::move(path)), file_(std::move(file)), hash_(std::make_unique<Hash>()) {
  XXH3_64bits_reset(&hash_->state);
}

CheckedFileWriter::~CheckedFileWriter() = default;

absl::Status CheckedFileWriter::Write(std::string_view bytes) {
  XXH3_64bits_update(&hash_->state, bytes.data(), bytes.size());
  return file_->Append(bytes);
}

absl::Status CheckedFileWriter::Append(std::string_view bytes) {
  std::error_code error;
  const std::filesystem::space_info space =
      std::filesystem::space(std::filesystem::path(path_).parent_path(), error);
  if (!error && space.available < kFreeBytes + bytes.size()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the disk of ", path_, " has ", space.available, " bytes left"));
  }
  size_ += bytes.size();
  return Write(bytes);
}

absl::Status CheckedFileWriter::Finish() {
  char number[sizeof(uint64_t)];
  std::memcpy(number, &size_, sizeof(number));
  QM_RETURN_IF_ERROR(Write({number, sizeof(number)}));
  const uint64_t checksum = XXH3_64bits_digest(&hash_->state);
  std::memcpy(number, &checksum, sizeof(number));
  QM_RETURN_IF_ERROR(file_->Append({number, sizeof(number)}));
  return file_->Finish();
}

absl::StatusOr<std::unique_ptr<CheckedFile>> CheckedFile::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError("open", path);
  struct stat info;
  const bool known = ::fstat(fd, &info) == 0;
  const uint64_t length = known ? static_cast<uint64_t>(info.st_size) : 0;
  // Closes it, whatever is found.
  std::unique_ptr<CheckedFile> file(new CheckedFile(
      fd, std::max<uint64_t>(length, kHeaderBytes + kTrailerBytes) - kHeaderBytes - kTrailerBytes));
  if (!known) return FileError("stat", path);
  if (length < kHeaderBytes + kTrailerBytes) return Damaged(path, "is cut");
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  constexpr size_t kChecksumBytes = sizeof(uint64_t);
  for (uint64_t offset = 0; offset < length - kChecksumBytes;) {
    const size_t wanted =
        static_cast<size_t>(std::min<uint64_t>(kPieceBytes, length - kChecksumBytes - offset));
    QM_ASSIGN_OR_RETURN(const size_t read, ReadAt(fd, offset, file->buffer_.data(), wanted, path));
    if (read < wanted) return Damaged(path, "became shorter while it was read");
    if (offset == 0) {
      if (std::string_view(file->buffer_).substr(0, kFileMagic.size()) != kFileMagic) {
        return Damaged(path, "is another file");
      }
      const auto format = static_cast<uint8_t>(file->buffer_[kFileMagic.size()]);
      if (format != kFileFormat) {
        return absl::FailedPreconditionError(
            absl::StrCat(path, " has the format ", format, "; this binary reads ", kFileFormat));
      }
    }
    XXH3_64bits_update(&state, file->buffer_.data(), read);
    offset += read;
  }
  char trailer[kTrailerBytes];
  QM_ASSIGN_OR_RETURN(const size_t read,
                      ReadAt(fd, length - kTrailerBytes, trailer, kTrailerBytes, path));
  uint64_t size = 0;
  uint64_t checksum = 0;
  std::memcpy(&size, trailer, sizeof(size));
  std::memcpy(&checksum, trailer + sizeof(size), sizeof(checksum));
  if (read < kTrailerBytes || size != file->size_) return Damaged(path, "is cut");
  if (checksum != XXH3_64bits_digest(&state)) return Damaged(path, "does not fit its checksum");
  return file;
}

CheckedFile::CheckedFile(int fd, uint64_t size)
    : fd_(fd), size_(size), buffer_(kPieceBytes, '\0') {}

CheckedFile::~CheckedFile() { ::close(fd_); }

std::string_view CheckedFile::Next() {
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(kPieceBytes, size_ - read_));
  const absl::StatusOr<size_t> read =
      ReadAt(fd_, kHeaderBytes + read_, buffer_.data(), wanted, std::string());
  if (!read.ok()) return {};
  read_ += *read;
  return std::string_view(buffer_).substr(0, *read);
}

}  // namespace quartermaster::storage
