#include "storage/checked_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "storage/durable_file.h"

namespace quartermaster::storage {
namespace {

class CheckedFileTest : public testing::Test {
 protected:
  CheckedFileTest() : directory_(testing::TempDir() + "/checked_file_test_XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    path_ = directory_ + "/file";
  }
  ~CheckedFileTest() override { std::filesystem::remove_all(directory_); }

  void Write(std::string_view first, std::string_view second = "") {
    auto writer = CheckedFileWriter::Create(path_);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Append(first).ok());
    ASSERT_TRUE((*writer)->Append(second).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  absl::StatusOr<std::string> Read() const {
    auto file = CheckedFile::Open(path_);
    if (!file.ok()) return file.status();
    std::string bytes;
    while (true) {
      const std::string_view piece = (*file)->Next();
      if (piece.empty()) break;
      bytes.append(piece);
    }
    EXPECT_EQ((*file)->size(), bytes.size());
    return bytes;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(CheckedFileTest, WhatWasWrittenIsRead) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{1} << 20, (size_t{3} << 20) + 7}) {
    const std::string first(size, 'a');
    Write(first, "end");
    EXPECT_EQ(*Read(), first + "end");
  }
}

TEST_F(CheckedFileTest, NothingIsThereBeforeItIsFinished) {
  Write("old");
  {
    auto writer = CheckedFileWriter::Create(path_);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("new").ok());
    EXPECT_EQ(*Read(), "old");
  }
  EXPECT_EQ(*Read(), "old");
  // What was written aside is gone.
  const std::filesystem::directory_iterator files(directory_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(CheckedFileTest, EveryDamageIsFound) {
  Write("some bytes of a state", " and more");
  const std::string whole = *ReadWhole(path_);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    ASSERT_TRUE(WriteDurably(path_, damaged).ok());
    const absl::Status status = Read().status();
    // The format's number comes before the checksum.
    EXPECT_TRUE(absl::IsDataLoss(status) || (i == 7 && absl::IsFailedPrecondition(status)))
        << i << " " << status;
    ASSERT_TRUE(WriteDurably(path_, whole.substr(0, i)).ok());
    EXPECT_TRUE(absl::IsDataLoss(Read().status())) << i;
  }
  ASSERT_TRUE(WriteDurably(path_, whole + "x").ok());
  EXPECT_TRUE(absl::IsDataLoss(Read().status()));
  std::filesystem::remove(path_);
  EXPECT_TRUE(absl::IsNotFound(Read().status()));
}

}  // namespace
}  // namespace quartermaster::storage
