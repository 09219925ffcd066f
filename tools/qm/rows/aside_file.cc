#include "tools/qm/rows/aside_file.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

AsideFile::AsideFile(std::string path)
    : path_(std::move(path)), aside_(absl::StrCat(path_, ".", ::getpid(), ".new")) {}

AsideFile::~AsideFile() {
  if (file_.is_open()) std::remove(aside_.c_str());
}

void AsideFile::Write(std::string_view text) {
  if (!file_.is_open()) file_.open(aside_, std::ios::binary | std::ios::trunc);
  file_.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void AsideFile::Restart() {
  if (file_.is_open()) file_.close();
  file_.clear();
  std::remove(aside_.c_str());
}

absl::Status AsideFile::Commit() {
  Write("");
  file_.close();
  if (file_.fail() || std::rename(aside_.c_str(), path_.c_str()) != 0) {
    std::remove(aside_.c_str());
    return absl::UnavailableError(absl::StrCat("cannot write ", path_));
  }
  return absl::OkStatus();
}

absl::Status AsideFile::MoveTo(std::ostream& out) {
  Write("");
  file_.close();
  const bool written = !file_.fail();
  std::ifstream whole(aside_, std::ios::binary);
  // An empty file would set the stream's failbit.
  if (written && whole.peek() != std::ifstream::traits_type::eof()) out << whole.rdbuf();
  out.flush();
  std::remove(aside_.c_str());
  if (!written || whole.bad() || !out) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path_, " to the output"));
  }
  return absl::OkStatus();
}

absl::Status CheckReplaceable(const std::string& path) {
  std::error_code error;
  const auto there = std::filesystem::status(path, error);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return absl::AlreadyExistsError(absl::StrCat(path, " is not a file: it is not replaced"));
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::qm
