#include "tools/qm/exporter/export_file.h"

#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {
namespace {

constexpr char kOutput[] = "-";

std::string DirectoryOf(const std::string& path) {
  std::error_code error;
  if (path == kOutput) return std::filesystem::temp_directory_path(error).string();
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

}  // namespace

ExportFile::ExportFile(const std::string& path, FileFormat format)
    : to_output_(path == kOutput),
      directory_(DirectoryOf(path)),
      format_(format),
      file_(to_output_ ? absl::StrCat(directory_, "/qm-export") : path) {}

void ExportFile::Begin(std::vector<std::string> columns) {
  file_.Restart();
  rows_ = 0;
  columns_ = std::move(columns);
  text_.clear();
  AppendHeader(format_, columns_, text_);
  file_.Write(text_);
}

void ExportFile::Row(const std::vector<Cell>& cells) {
  ++rows_;
  text_.clear();
  AppendRow(format_, columns_, cells, text_);
  file_.Write(text_);
}

absl::Status ExportFile::Commit() { return to_output_ ? file_.MoveTo(std::cout) : file_.Commit(); }

}  // namespace quartermaster::qm
