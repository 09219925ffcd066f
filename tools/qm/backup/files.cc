#include "tools/qm/backup/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "storage/durable_file.h"

namespace quartermaster::qm {
namespace {

constexpr mode_t kOwnFile = 0600;

}  // namespace

File::File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

absl::StatusOr<File> File::Open(const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, kOwnFile);
  if (descriptor < 0) return storage::FileError("open", path);
  return File(path, descriptor);
}

absl::StatusOr<File> File::OpenToRead(const std::string& path) { return Open(path, O_RDONLY); }

absl::StatusOr<File> File::OpenToWrite(const std::string& path) {
  return Open(path, O_RDWR | O_CREAT);
}

absl::StatusOr<int64_t> File::Size() const {
  struct stat info;
  if (::fstat(descriptor_, &info) != 0) return storage::FileError("read", path_);
  return info.st_size;
}

absl::Status File::ReadAt(int64_t offset, size_t size, std::string* bytes) const {
  bytes->resize(size);
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(descriptor_, bytes->data() + done, size - done,
                                offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage::FileError("read", path_);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes->resize(done);
  return absl::OkStatus();
}

absl::Status File::WriteAt(int64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return storage::FileError("write", path_);
    offset += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status File::Truncate(int64_t size) const {
  return ::ftruncate(descriptor_, size) == 0 ? absl::OkStatus() : storage::FileError("cut", path_);
}

absl::Status File::Sync() const {
  return ::fsync(descriptor_) == 0 ? absl::OkStatus() : storage::FileError("sync", path_);
}

absl::StatusOr<bool> File::Lock() const {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return storage::FileError("lock", path_);
}

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace quartermaster::qm
