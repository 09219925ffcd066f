#include "tools/qm/backup/vault_copy.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "storage/test_frames.h"

namespace quartermaster::qm {
namespace {

using ::testing::HasSubstr;

// A vault's files, as services/orders/app/subject_vault.h has them; what is in them does not
// matter.
class VaultCopyTest : public testing::Test {
 protected:
  VaultCopyTest()
      : data_(temp_.path() + "/data"),
        copy_(temp_.path() + "/copy"),
        keys_(temp_.path() + "/keys") {
    Write(data_ + "/orders/vault/key_check", "check");
    Write(data_ + "/orders/vault/key", "vault key");
    Write(data_ + "/orders/pickup_codes.key", "pickup key");
    Write(Subject(data_ + "/orders/vault", 'a'), "Ada, sealed");
    Write(Subject(data_ + "/orders/vault", 'b'), "Bob, sealed");
    Write(Subject(data_ + "/orders/vault", 'a') + ".aside-1", "half");
  }

  static void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(storage::MakeDirectories(path.substr(0, path.find_last_of('/'))).ok());
    ASSERT_TRUE(storage::WriteDurably(path, bytes).ok());
  }
  static std::string Subject(const std::string& vault, char c) {
    return vault + "/" + std::string(2, c) + "/" + std::string(64, c);
  }

  storage::TempDir temp_;
  const std::string data_, copy_, keys_;
};

TEST_F(VaultCopyTest, IsWhatTheVaultIsAndItsKeysAreElsewhere) {
  auto copied = CopyVault(data_, copy_, keys_);
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->subjects, 2);
  EXPECT_EQ(copied->written, 2);
  EXPECT_EQ(copied->keys, 2);
  EXPECT_FALSE(std::filesystem::exists(copy_ + "/key"));
  EXPECT_FALSE(std::filesystem::exists(Subject(copy_, 'a') + ".aside-1"));
  EXPECT_EQ(*storage::ReadWhole(keys_ + "/vault.key"), "vault key");
  // Ada is erased, Bob has moved.
  std::filesystem::remove(Subject(data_ + "/orders/vault", 'a'));
  Write(Subject(data_ + "/orders/vault", 'b'), "Bob, elsewhere, sealed");
  copied = CopyVault(data_, copy_, "");
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->subjects, 1);
  EXPECT_EQ(copied->written, 1);
  EXPECT_EQ(copied->removed, 1);
  EXPECT_FALSE(std::filesystem::exists(Subject(copy_, 'a')));
  EXPECT_EQ(*storage::ReadWhole(Subject(copy_, 'b')), "Bob, elsewhere, sealed");
  EXPECT_EQ(CopyVault(data_, copy_, "")->written, 0);
}

// A run was killed while it wrote: then who is erased is not a copy's subject, but it is there.
TEST_F(VaultCopyTest, NothingOfWhatIsErasedStaysInTheCopy) {
  ASSERT_TRUE(CopyVault(data_, copy_, "").ok());
  const std::string half = Subject(copy_, 'a') + ".aside-1-1";
  Write(half, "Ada, sea");
  const std::string older = Subject(copy_, 'b') + ".new";
  Write(older, "Bob, sea");
  // Whoever still has the file open sees that it was overwritten.
  std::ifstream open(Subject(copy_, 'a'));
  std::filesystem::remove(Subject(data_ + "/orders/vault", 'a'));
  EXPECT_EQ(CopyVault(data_, copy_, "")->removed, 1);
  EXPECT_FALSE(std::filesystem::exists(half));
  EXPECT_FALSE(std::filesystem::exists(older));
  const std::string bytes{std::istreambuf_iterator<char>(open), {}};
  EXPECT_EQ(bytes, std::string(11, '\0'));
}

TEST_F(VaultCopyTest, NothingIsRemovedForAVaultThatIsGone) {
  ASSERT_TRUE(CopyVault(data_, copy_, "").ok());
  std::filesystem::remove_all(data_);
  EXPECT_TRUE(absl::IsNotFound(CopyVault(data_, copy_, "").status()));
  Write(data_ + "/orders/vault/key_check", "another");
  EXPECT_THAT(std::string(CopyVault(data_, copy_, "").status().message()),
              HasSubstr("another key"));
  EXPECT_TRUE(std::filesystem::exists(Subject(copy_, 'a')));
  EXPECT_FALSE(CopyVault(data_, temp_.path(), "").ok());
}

TEST_F(VaultCopyTest, ComesBackWhereThereIsNone) {
  ASSERT_TRUE(CopyVault(data_, copy_, keys_).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(RestoreVault(copy_, data_, keys_).status()));
  const std::string fresh = temp_.path() + "/fresh";
  const auto restored = RestoreVault(copy_, fresh, keys_);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->subjects, 2);
  EXPECT_EQ(restored->keys, 2);
  EXPECT_EQ(*storage::ReadWhole(Subject(fresh + "/orders/vault", 'b')), "Bob, sealed");
  EXPECT_EQ(*storage::ReadWhole(fresh + "/orders/vault/key"), "vault key");
  EXPECT_EQ(*storage::ReadWhole(fresh + "/orders/pickup_codes.key"), "pickup key");
  // Keys that were not asked for stay where they are.
  EXPECT_EQ(RestoreVault(copy_, temp_.path() + "/other", "")->keys, 0);
  EXPECT_TRUE(absl::IsNotFound(RestoreVault(keys_, temp_.path() + "/third", "").status()));
}

TEST_F(VaultCopyTest, KeysThatAreAskedForMustBeThere) {
  std::filesystem::remove(data_ + "/orders/pickup_codes.key");
  const absl::Status copied = CopyVault(data_, copy_, keys_).status();
  EXPECT_TRUE(absl::IsNotFound(copied)) << copied;
  EXPECT_THAT(std::string(copied.message()), HasSubstr("/orders/pickup_codes.key is not there"));
  // What was there is copied.
  EXPECT_TRUE(std::filesystem::exists(Subject(copy_, 'b')));
  EXPECT_TRUE(std::filesystem::exists(keys_ + "/vault.key"));
  const std::string fresh = temp_.path() + "/fresh";
  EXPECT_TRUE(absl::IsNotFound(RestoreVault(copy_, fresh, keys_).status()));
  EXPECT_TRUE(absl::IsNotFound(RestoreVault(copy_, fresh, temp_.path() + "/none").status()));
  EXPECT_FALSE(std::filesystem::exists(fresh));
}

}  // namespace
}  // namespace quartermaster::qm
