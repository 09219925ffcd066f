#include "tools/qm/importer/reject_file.h"

#include <csv.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

RejectFile::RejectFile(std::string path, std::vector<std::string> header)
    : path_(std::move(path)),
      aside_(absl::StrCat(path_, ".", ::getpid(), ".new")),
      header_(std::move(header)) {}

RejectFile::~RejectFile() {
  if (file_.is_open()) std::remove(aside_.c_str());
}

void RejectFile::WriteRow(const std::vector<std::string>& fields) {
  std::string quoted;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) file_ << ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      file_ << fields[i];
      continue;
    }
    // At worst every byte is a quote that is doubled, between two more.
    quoted.resize(2 * fields[i].size() + 2);
    const size_t size = csv_write(quoted.data(), quoted.size(), fields[i].data(), fields[i].size());
    file_.write(quoted.data(), static_cast<std::streamsize>(size));
  }
  file_ << '\n';
}

void RejectFile::Add(int64_t line, const std::string& reason,
                     const std::vector<std::string>& fields) {
  if (rows_++ == 0) {
    file_.open(aside_, std::ios::binary | std::ios::trunc);
    std::vector<std::string> header = {"line", "reason"};
    header.insert(header.end(), header_.begin(), header_.end());
    WriteRow(header);
  }
  std::vector<std::string> row = {std::to_string(line), reason};
  row.insert(row.end(), fields.begin(), fields.end());
  WriteRow(row);
}

absl::Status RejectFile::Close() {
  if (rows_ == 0) return absl::OkStatus();
  file_.close();
  if (file_.fail() || std::rename(aside_.c_str(), path_.c_str()) != 0) {
    std::remove(aside_.c_str());
    return absl::UnavailableError(absl::StrCat("cannot write ", path_));
  }
  return absl::OkStatus();
}

}  // namespace quartermaster::qm
