#include "tools/qm/config/named_contexts.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "storage/test_frames.h"

namespace quartermaster::qm {
namespace {

TEST(NamedContextsTest, AreKeptForTheirOwnerOnly) {
  storage::TempDir temp;
  ::setenv("XDG_CONFIG_HOME", temp.path().c_str(), 1);
  const std::string path = NamedContextsPath();
  EXPECT_EQ(path, temp.path() + "/quartermaster/contexts.json");
  EXPECT_TRUE(LoadNamedContexts(path)->addresses.empty());
  ASSERT_TRUE(SaveNamedContexts(path, {"b", {{"a", "h:1"}, {"b", "stock=h:2,h:3"}}}).ok());
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto loaded = LoadNamedContexts(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->current, "b");
  EXPECT_EQ(loaded->addresses.at("b"), "stock=h:2,h:3");
  ::chmod(path.c_str(), 0666);
  EXPECT_TRUE(absl::IsFailedPrecondition(LoadNamedContexts(path).status()));
  ::chmod(path.c_str(), 0600);
  for (const char* text :
       {"", "[]", "{}", R"({"contexts":{"a":1}})", R"({"contexts":{},"current":[]})"}) {
    std::ofstream(path) << text;
    EXPECT_TRUE(absl::IsFailedPrecondition(LoadNamedContexts(path).status())) << text;
  }
  ::unsetenv("XDG_CONFIG_HOME");
  ::setenv("HOME", "/h", 1);
  EXPECT_EQ(NamedContextsPath(), "/h/.config/quartermaster/contexts.json");
  ::unsetenv("HOME");
  EXPECT_FALSE(SaveNamedContexts(NamedContextsPath(), {}).ok());
}

}  // namespace
}  // namespace quartermaster::qm
