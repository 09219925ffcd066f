#include "storage/durable_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/test_frames.h"

namespace quartermaster::storage {
namespace {

class DurableFileTest : public testing::Test {
 protected:
  DurableFileTest() : path_(temp_.path() + "/file") {}

  TempDir temp_;
  const std::string path_;
};

TEST_F(DurableFileTest, IsWrittenAndReplacedAsAWhole) {
  EXPECT_TRUE(absl::IsNotFound(ReadWhole(path_).status()));
  ASSERT_TRUE(WriteDurably(path_, "first").ok());
  const std::string large(100'000, 'x');
  ASSERT_TRUE(WriteDurably(path_, large).ok());
  EXPECT_EQ(ReadWhole(path_).value(), large);
  EXPECT_TRUE(absl::IsNotFound(WriteDurably(temp_.path() + "/none/file", "")));
}

// In a container every process may have the number 1.
TEST_F(DurableFileTest, WhatACrashLeftHalfWrittenIsNotInTheWay) {
  for (int i = 0; i < 20; ++i) {
    std::ofstream(absl::StrCat(path_, ".aside-", ::getpid(), "-", i)) << "half";
  }
  ASSERT_TRUE(WriteDurably(path_, "whole").ok());
  ASSERT_TRUE(RemoveAsides(temp_.path()).ok());
  const auto entry = std::filesystem::directory_iterator(temp_.path());
  EXPECT_EQ(std::distance(begin(entry), end(entry)), 1);
  EXPECT_EQ(ReadWhole(path_).value(), "whole");
}

TEST_F(DurableFileTest, WhatIsRemovedIsOverwritten) {
  ASSERT_TRUE(WriteDurably(path_, "secret").ok());
  std::ifstream open(path_);
  ASSERT_TRUE(RemoveDurably(path_).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(open), {}), std::string(6, '\0'));
  EXPECT_TRUE(RemoveDurably(path_).ok());
}

TEST_F(DurableFileTest, DirectoriesAreMadeWithThoseAboveThem) {
  EXPECT_FALSE(MakeDirectory(temp_.path() + "/a/b").ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(MakeDirectories(temp_.path() + "/a/b").ok());
  ASSERT_TRUE(MakeDirectory(temp_.path() + "/a/b").ok());
  ASSERT_TRUE(WriteDurably(path_, "").ok());
  EXPECT_FALSE(MakeDirectory(path_).ok());
}

}  // namespace
}  // namespace quartermaster::storage
