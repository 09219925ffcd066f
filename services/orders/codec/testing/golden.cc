#include "services/orders/codec/testing/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::orders {

std::string TestdataPath(std::string_view name) {
  return absl::StrCat("services/orders/codec/testdata/",
                      absl::string_view(name.data(), name.size()));
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void ExpectGolden(const std::string& path, const std::string& actual) {
  if (std::getenv("QM_REWRITE") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, ReadFile(path)) << path << " (QM_REWRITE=1 writes it anew)";
}

std::string Hex(std::string_view bytes) {
  constexpr size_t kBytesPerLine = 32;
  std::string hex;
  for (size_t at = 0; at < bytes.size(); at += kBytesPerLine) {
    const std::string_view line = bytes.substr(at, kBytesPerLine);
    absl::StrAppend(&hex, absl::BytesToHexString(absl::string_view(line.data(), line.size())),
                    "\n");
  }
  return hex;
}

}  // namespace quartermaster::orders
