#include "storage/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"
#include "services/base/status_macros.h"

namespace quartermaster::storage {
namespace {

// A large file is synced piece by piece: whoever syncs a small one meanwhile may have to wait for
// what this one has not.
constexpr size_t kSyncedBytes = size_t{16} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  const int fd_;
};

absl::Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("write", path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

std::string Parent(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::Status FileError(std::string_view what, const std::string& path) {
  const int error = errno;
  const std::string message =
      absl::StrCat("cannot ", AbslView(what), " ", path, ": ", std::strerror(error));
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

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0) return FileError("sync", path);
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return SyncDirectory(Parent(path));
  struct stat info;
  if (errno == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::OkStatus();
  }
  return FileError("make the directory", path);
}

absl::Status MakeDirectories(const std::string& path) {
  struct stat info;
  if (path.empty() || ::stat(path.c_str(), &info) == 0) return absl::OkStatus();
  const std::string parent = Parent(path);
  if (parent.size() < path.size()) QM_RETURN_IF_ERROR(MakeDirectories(parent));
  return MakeDirectory(path);
}

absl::StatusOr<std::unique_ptr<DurableWriter>> DurableWriter::Create(std::string path) {
  static std::atomic<uint64_t> number{0};
  std::string aside;
  int fd = -1;
  // A crash may have left a file of this very name.
  do {
    aside = absl::StrCat(path, AbslView(kAsideMark), ::getpid(), "-",
                         number.fetch_add(1, std::memory_order_relaxed));
    fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  } while (fd < 0 && errno == EEXIST);
  if (fd < 0) return FileError("create", aside);
  return std::unique_ptr<DurableWriter>(new DurableWriter(std::move(path), std::move(aside), fd));
}

DurableWriter::DurableWriter(std::string path, std::string aside, int fd)
    : path_(std::move(path)), aside_(std::move(aside)), fd_(fd) {}

DurableWriter::~DurableWriter() {
  ::close(fd_);
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

absl::Status DurableWriter::Append(std::string_view bytes) {
  QM_RETURN_IF_ERROR(WriteAll(fd_, bytes, aside_));
  unsynced_bytes_ += bytes.size();
  if (unsynced_bytes_ < kSyncedBytes) return absl::OkStatus();
  unsynced_bytes_ = 0;
  return ::fdatasync(fd_) == 0 ? absl::OkStatus() : FileError("sync", aside_);
}

absl::Status DurableWriter::Finish() {
  if (::fsync(fd_) != 0) return FileError("sync", aside_);
  if (::rename(aside_.c_str(), path_.c_str()) != 0) return FileError("rename to", path_);
  aside_.clear();
  return SyncDirectory(Parent(path_));
}

absl::Status WriteDurably(const std::string& path, std::string_view bytes) {
  QM_ASSIGN_OR_RETURN(const std::unique_ptr<DurableWriter> file, DurableWriter::Create(path));
  QM_RETURN_IF_ERROR(file->Append(bytes));
  return file->Finish();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return FileError("open", path);
  std::string bytes;
  char buffer[16 << 10];
  while (true) {
    const ssize_t n = ::read(file.get(), buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("read", path);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(n));
  }
}

absl::Status RemoveDurably(const std::string& path) {
  {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.ok()) {
      return errno == ENOENT ? absl::OkStatus() : FileError("open", path);
    }
    struct stat info;
    if (::fstat(file.get(), &info) != 0) return FileError("stat", path);
    QM_RETURN_IF_ERROR(
        WriteAll(file.get(), std::string(static_cast<size_t>(info.st_size), '\0'), path));
    if (::fsync(file.get()) != 0) return FileError("sync", path);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FileError("remove", path);
  return SyncDirectory(Parent(path));
}

void DropAsides(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file(path);
  const std::string prefix = absl::StrCat(file.filename().string(), AbslView(kAsideMark));
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), error)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    std::filesystem::remove(entry.path(), error);
  }
}

absl::Status RemoveAsides(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.find(kAsideMark) == std::string::npos) continue;
    QM_RETURN_IF_ERROR(RemoveDurably(entry.path().string()));
  }
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot list ", directory, ": ", error.message()));
}

}  // namespace quartermaster::storage
