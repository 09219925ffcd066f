#include "tools/qm/rows/line_reader.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace quartermaster::qm {
namespace {

constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
constexpr size_t kBufferBytes = 256 << 10;

}  // namespace

LineReader::LineReader(const std::string& path)
    : file_(path, std::ios::binary), buffer_(kBufferBytes) {
  std::error_code error;
  opened_ = file_.is_open() && std::filesystem::is_regular_file(path, error);
  if (opened_) bytes_all_ = static_cast<int64_t>(std::filesystem::file_size(path, error));
}

bool LineReader::Fill() {
  file_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  begin_ = 0;
  end_ = static_cast<size_t>(file_.gcount());
  return end_ > 0;
}

bool LineReader::Next(std::string* line) {
  line->clear();
  bool some = false;
  bool ended = false;
  while (!ended && (begin_ < end_ || Fill())) {
    some = true;
    const char* const from = buffer_.data() + begin_;
    const size_t left = end_ - begin_;
    const auto* const line_break = static_cast<const char*>(std::memchr(from, '\n', left));
    ended = line_break != nullptr;
    const size_t size = ended ? static_cast<size_t>(line_break - from) + 1 : left;
    // A file without line breaks must not fill the memory.
    line->append(from, std::min(size, kLineBytesMax + 1 - line->size()));
    begin_ += size;
    bytes_read_ += static_cast<int64_t>(size);
  }
  if (!some) return false;
  if (++number_ == 1 && line->starts_with(kByteOrderMark)) line->erase(0, 3);
  return true;
}

bool IsBlankLine(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string WithoutLineEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace quartermaster::qm
