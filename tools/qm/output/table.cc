#include "tools/qm/output/table.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

bool IsNumber(std::string_view text) {
  if (text.empty()) return true;
  bool digit = false;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c))) {
      digit = true;
    } else if (c != '-' && c != '+' && c != '.' && c != ',' && c != '%') {
      return false;
    }
  }
  return digit || text == "-";
}

// What a cell may hold comes from the log: it must not be able to steer the terminal.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

void WriteCell(std::ostream& out, const std::string& text, size_t width, bool right, bool last) {
  const size_t have = DisplayWidth(text);
  const std::string padding(width > have ? width - have : 0, ' ');
  if (right) {
    out << padding << text;
  } else if (last) {
    out << text;
  } else {
    out << text << padding;
  }
}

}  // namespace

Table::Table(std::vector<std::string> header) : header_(std::move(header)) {}

void Table::Row(std::vector<std::string> cells) {
  QM_CHECK(cells.size() <= header_.size());
  cells.resize(header_.size());
  for (std::string& cell : cells) cell = Printable(std::move(cell));
  rows_.push_back(std::move(cells));
}

void Table::Write(std::ostream& out, bool color) const {
  const size_t columns = header_.size();
  std::vector<size_t> width(columns);
  std::vector<bool> right(columns, true);
  for (size_t c = 0; c < columns; ++c) {
    width[c] = DisplayWidth(header_[c]);
    bool some = false;
    for (const auto& row : rows_) {
      width[c] = std::max(width[c], DisplayWidth(row[c]));
      if (!IsNumber(row[c])) right[c] = false;
      if (!row[c].empty()) some = true;
    }
    if (!some) right[c] = false;
  }
  const auto write_row = [&](const std::vector<std::string>& row) {
    for (size_t c = 0; c < columns; ++c) {
      if (c > 0) out << "  ";
      WriteCell(out, row[c], width[c], right[c], c + 1 == columns);
    }
  };
  if (color) out << "\033[1m";
  write_row(header_);
  if (color) out << "\033[0m";
  out << '\n';
  for (const auto& row : rows_) {
    write_row(row);
    out << '\n';
  }
}

size_t DisplayWidth(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string WithSeparators(int64_t number) {
  const std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace quartermaster::qm
