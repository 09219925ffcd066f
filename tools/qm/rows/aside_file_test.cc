#include "tools/qm/rows/aside_file.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace quartermaster::qm {
namespace {

class AsideFileTest : public testing::Test {
 protected:
  AsideFileTest() {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    std::ofstream(path_) << "old";
  }
  ~AsideFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Of the directory.
  int64_t Files() const {
    return std::distance(std::filesystem::directory_iterator(directory_), {});
  }

  const std::string directory_ = testing::TempDir() + "aside_file_test";
  const std::string path_ = directory_ + "/file";
};

TEST_F(AsideFileTest, IsThereWhenItIsWhole) {
  AsideFile file(path_);
  file.Write("dropped");
  file.Restart();
  file.Write("new");
  EXPECT_EQ(Content(), "old");
  ASSERT_TRUE(file.Commit().ok());
  EXPECT_EQ(Content(), "new");
  EXPECT_EQ(Files(), 1);
}

TEST_F(AsideFileTest, WhatWasNotCommittedIsTakenAway) {
  {
    AsideFile file(path_);
    file.Write("new");
    EXPECT_EQ(Files(), 2);
  }
  EXPECT_EQ(Content(), "old");
  EXPECT_EQ(Files(), 1);
}

TEST_F(AsideFileTest, GoesToTheOutputInstead) {
  for (const std::string text : {"", "a\nb"}) {
    AsideFile file(path_);
    file.Write(text);
    std::ostringstream out;
    ASSERT_TRUE(file.MoveTo(out).ok());
    EXPECT_EQ(out.str(), text);
    EXPECT_EQ(Content(), "old");
    EXPECT_EQ(Files(), 1);
  }
}

TEST_F(AsideFileTest, SaysThatItCannotBeWritten) {
  AsideFile file(directory_ + "/nowhere/file");
  file.Write("new");
  EXPECT_TRUE(absl::IsUnavailable(file.Commit()));
  AsideFile other(directory_ + "/nowhere/file");
  std::ostringstream out;
  other.Write("new");
  EXPECT_TRUE(absl::IsUnavailable(other.MoveTo(out)));
}

TEST_F(AsideFileTest, OnlyAFileIsReplaced) {
  EXPECT_TRUE(CheckReplaceable(path_).ok());
  EXPECT_TRUE(CheckReplaceable(directory_ + "/none").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(CheckReplaceable(directory_)));
  EXPECT_TRUE(absl::IsAlreadyExists(CheckReplaceable("/dev/null")));
}

}  // namespace
}  // namespace quartermaster::qm
