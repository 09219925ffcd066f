#include "tools/qm/backup/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::qm {
namespace {

constexpr mode_t kOwnFile = 0600;
constexpr mode_t kOwnDirectory = 0700;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::Status FileError(std::string_view what, const std::string& path) {
  const int error = errno;
  const std::string message =
      absl::StrCat("cannot ", std::string(what), " ", path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EEXIST:
    case ENOTEMPTY:
      return absl::AlreadyExistsError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::Status MakeDirectories(const std::string& path) {
  struct stat info;
  if (path.empty() || ::stat(path.c_str(), &info) == 0) return absl::OkStatus();
  const std::string parent = ParentOf(path);
  if (parent.size() < path.size()) QM_RETURN_IF_ERROR(MakeDirectories(parent));
  if (::mkdir(path.c_str(), kOwnDirectory) != 0 && errno != EEXIST) {
    return FileError("make", path);
  }
  return SyncDirectory(parent);
}

absl::Status SyncDirectory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError("open", path);
  const bool synced = ::fsync(descriptor) == 0;
  const absl::Status status = synced ? absl::OkStatus() : FileError("sync", path);
  ::close(descriptor);
  return status;
}

absl::Status WriteDurably(const std::string& path, std::string_view bytes) {
  const std::string aside = path + ".new";
  {
    QM_ASSIGN_OR_RETURN(const File file, File::OpenToWrite(aside));
    QM_RETURN_IF_ERROR(file.Truncate(0));
    QM_RETURN_IF_ERROR(file.WriteAt(0, bytes));
    QM_RETURN_IF_ERROR(file.Sync());
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return FileError("rename to", path);
  return SyncDirectory(ParentOf(path));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  QM_ASSIGN_OR_RETURN(const File file, File::OpenToRead(path));
  QM_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  std::string bytes;
  QM_RETURN_IF_ERROR(file.ReadAt(0, static_cast<size_t>(size), &bytes));
  return bytes;
}

absl::Status RemoveDurably(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FileError("remove", path);
  return SyncDirectory(ParentOf(path));
}

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
  if (descriptor < 0) return FileError("open", path);
  return File(path, descriptor);
}

absl::StatusOr<File> File::OpenToRead(const std::string& path) { return Open(path, O_RDONLY); }

absl::StatusOr<File> File::OpenToWrite(const std::string& path) {
  return Open(path, O_RDWR | O_CREAT);
}

absl::StatusOr<int64_t> File::Size() const {
  struct stat info;
  if (::fstat(descriptor_, &info) != 0) return FileError("read", path_);
  return info.st_size;
}

absl::Status File::ReadAt(int64_t offset, size_t size, std::string* bytes) const {
  bytes->resize(size);
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(descriptor_, bytes->data() + done, size - done,
                                offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path_);
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
    if (written < 0) return FileError("write", path_);
    offset += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status File::Truncate(int64_t size) const {
  return ::ftruncate(descriptor_, size) == 0 ? absl::OkStatus() : FileError("cut", path_);
}

absl::Status File::Sync() const {
  return ::fsync(descriptor_) == 0 ? absl::OkStatus() : FileError("sync", path_);
}

absl::StatusOr<bool> File::Lock() const {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return FileError("lock", path_);
}

}  // namespace quartermaster::qm
