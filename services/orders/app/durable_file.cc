#include "services/orders/app/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace quartermaster::orders {
namespace {

absl::Status Failed(std::string_view what, const std::string& path) {
  const int error = errno;
  return absl::InternalError(absl::StrCat(absl::string_view(what.data(), what.size()), " ", path,
                                          ": ", std::strerror(error)));
}

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
    if (n < 0) return Failed("cannot write", path);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

std::string Parent(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncDirectory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0) return Failed("cannot sync", path);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return SyncDirectory(Parent(path));
  struct stat info;
  if (errno == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return absl::OkStatus();
  }
  return Failed("cannot create the directory", path);
}

absl::Status WriteDurably(const std::string& path, std::string_view bytes) {
  static std::atomic<uint64_t> number{0};
  const std::string aside =
      absl::StrCat(path, absl::string_view(kAsideMark.data(), kAsideMark.size()), ::getpid(), "-",
                   number.fetch_add(1, std::memory_order_relaxed));
  {
    const Descriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.ok()) return Failed("cannot create", aside);
    absl::Status written = WriteAll(file.get(), bytes, aside);
    if (written.ok() && ::fsync(file.get()) != 0) written = Failed("cannot sync", aside);
    if (!written.ok()) {
      ::unlink(aside.c_str());
      return written;
    }
  }
  if (::rename(aside.c_str(), path.c_str()) != 0) return Failed("cannot rename to", path);
  return SyncDirectory(Parent(path));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("no file ", path));
    return Failed("cannot open", path);
  }
  std::string bytes;
  char buffer[16 << 10];
  while (true) {
    const ssize_t n = ::read(file.get(), buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("cannot read", path);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(n));
  }
}

absl::Status RemoveDurably(const std::string& path) {
  {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.ok()) {
      return errno == ENOENT ? absl::OkStatus() : Failed("cannot open", path);
    }
    struct stat info;
    if (::fstat(file.get(), &info) != 0) return Failed("cannot stat", path);
    QM_RETURN_IF_ERROR(
        WriteAll(file.get(), std::string(static_cast<size_t>(info.st_size), '\0'), path));
    if (::fsync(file.get()) != 0) return Failed("cannot sync", path);
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Failed("cannot remove", path);
  return SyncDirectory(Parent(path));
}

}  // namespace quartermaster::orders
