#include "services/orders/app/subject_vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "services/orders/app/pickup_codes.h"
#include "services/orders/app/secrets.h"
#include "storage/durable_file.h"

namespace quartermaster::orders {
namespace {

namespace fs = std::filesystem;

class VaultTest : public testing::Test {
 protected:
  VaultTest() {
    std::string name = (fs::temp_directory_path() / "vault_test_XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    directory_ = root_ + "/vault";
  }
  ~VaultTest() override { fs::remove_all(root_); }

  std::unique_ptr<SubjectVault> Open() {
    absl::StatusOr<std::unique_ptr<SubjectVault>> vault = OpenFileVault(directory_);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return vault.ok() ? std::move(*vault) : nullptr;
  }

  static std::string Slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  // Every regular file below the vault, but the key and its note.
  std::vector<fs::path> SubjectFiles() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name != "key" && name != "key_check") {
        files.push_back(entry.path());
      }
    }
    return files;
  }

  std::string root_;
  std::string directory_;
};

TEST_F(VaultTest, KeepsSubjectsOverARestart) {
  ASSERT_TRUE(Open()->Put("s-1", "Ada Lovelace").ok());
  auto vault = Open();
  EXPECT_EQ(vault->Get("s-1").value(), "Ada Lovelace");
  EXPECT_TRUE(absl::IsNotFound(vault->Get("s-2").status()));
  ASSERT_TRUE(vault->Put("s-1", "Ada King").ok());
  EXPECT_EQ(Open()->Get("s-1").value(), "Ada King");
}

TEST_F(VaultTest, NothingReadableIsOnDisk) {
  ASSERT_TRUE(Open()->Put("subject-7", "PLANTED-NAME").ok());
  const auto files = SubjectFiles();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(Slurp(files[0]).find("PLANTED-NAME"), std::string::npos);
  EXPECT_EQ(files[0].string().find("subject-7"), std::string::npos);
  struct stat info;
  ASSERT_EQ(::stat((directory_ + "/key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(VaultTest, EraseLeavesNoFileAndIsIdempotent) {
  auto vault = Open();
  ASSERT_TRUE(vault->Put("s-1", "x").ok());
  ASSERT_TRUE(vault->Erase("s-1").ok());
  EXPECT_TRUE(absl::IsNotFound(vault->Get("s-1").status()));
  EXPECT_TRUE(SubjectFiles().empty());
  EXPECT_TRUE(vault->Erase("s-1").ok());
  EXPECT_TRUE(vault->Erase("never").ok());
}

TEST_F(VaultTest, ErasesAllButThoseThatAreKnown) {
  auto vault = Open();
  for (const char* id : {"s-1", "s-2", "s-3"}) ASSERT_TRUE(vault->Put(id, "x").ok());
  EXPECT_EQ(vault->EraseAllBut({"s-2", "s-4"}).value(), 2);
  EXPECT_EQ(SubjectFiles().size(), 1u);
  EXPECT_EQ(vault->Get("s-2").value(), "x");
  // These look like another vault's.
  EXPECT_EQ(vault->EraseAllBut({"s-5"}).value(), 0);
  EXPECT_EQ(vault->EraseAllBut({}).value(), 0);
  EXPECT_EQ(vault->Get("s-2").value(), "x");
}

TEST_F(VaultTest, AlteredBytesAreDataLossNotGarbage) {
  auto vault = Open();
  ASSERT_TRUE(vault->Put("s-1", "some bytes").ok());
  const fs::path file = SubjectFiles().at(0);
  const std::string good = Slurp(file);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x20);
    std::ofstream(file, std::ios::binary) << bad;
    EXPECT_TRUE(absl::IsDataLoss(vault->Get("s-1").status())) << "byte " << i;
  }
  std::ofstream(file, std::ios::binary) << good.substr(0, good.size() - 1);
  EXPECT_TRUE(absl::IsDataLoss(vault->Get("s-1").status()));
}

TEST_F(VaultTest, OneSubjectsFileDoesNotServeAnother) {
  auto vault = Open();
  ASSERT_TRUE(vault->Put("s-1", "one").ok());
  const fs::path first = SubjectFiles().at(0);
  const std::string bytes = Slurp(first);
  ASSERT_TRUE(vault->Put("s-2", "two").ok());
  for (const fs::path& file : SubjectFiles()) std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_EQ(vault->Get("s-1").value(), "one");
  EXPECT_TRUE(absl::IsDataLoss(vault->Get("s-2").status()));
}

TEST_F(VaultTest, ALostKeyIsRefusedNotReplaced) {
  ASSERT_TRUE(Open()->Put("s-1", "x").ok());
  fs::remove(directory_ + "/key");
  EXPECT_EQ(OpenFileVault(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(fs::exists(directory_ + "/key"));
}

TEST_F(VaultTest, AKeyOpenToOthersOrOfAnotherLengthIsRefused) {
  Open();
  ASSERT_EQ(::chmod((directory_ + "/key").c_str(), 0644), 0);
  EXPECT_EQ(OpenFileVault(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(::chmod((directory_ + "/key").c_str(), 0600), 0);
  std::ofstream(directory_ + "/key") << "short";
  EXPECT_TRUE(absl::IsDataLoss(OpenFileVault(directory_).status()));
}

TEST_F(VaultTest, AGivenKeyIsUsedAndNoneIsMade) {
  const SecretKey key = RandomKey();
  ASSERT_TRUE((*OpenFileVault(directory_, key))->Put("s-1", "x").ok());
  EXPECT_FALSE(fs::exists(directory_ + "/key"));
  EXPECT_EQ((*OpenFileVault(directory_, key))->Get("s-1").value(), "x");
}

TEST_F(VaultTest, AnotherKeyThanTheSubjectsIsRefused) {
  const SecretKey key = RandomKey();
  ASSERT_TRUE((*OpenFileVault(directory_, key))->Put("s-1", "x").ok());
  EXPECT_EQ(OpenFileVault(directory_, RandomKey()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenFileVault(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(fs::exists(directory_ + "/key"));
  EXPECT_EQ((*OpenFileVault(directory_, key))->Get("s-1").value(), "x");
}

TEST_F(VaultTest, AVaultFromBeforeKeysWereNotedIsUnderItsOwnKey) {
  ASSERT_TRUE(Open()->Put("s-1", "x").ok());
  fs::remove(directory_ + "/key_check");
  EXPECT_EQ(OpenFileVault(directory_, RandomKey()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  // The same key, kept elsewhere from now on.
  const SecretKey key = LoadKey(directory_ + "/key").value();
  EXPECT_EQ((*OpenFileVault(directory_, key))->Get("s-1").value(), "x");
}

TEST_F(VaultTest, WithoutSubjectsAnyKeyWillDo) {
  Open();
  EXPECT_TRUE(OpenFileVault(directory_, RandomKey()).ok());
}

TEST_F(VaultTest, WhatACrashLeftHalfWrittenIsCleaned) {
  ASSERT_TRUE(Open()->Put("s-1", "x").ok());
  const std::string left = SubjectFiles().at(0).string() + std::string(storage::kAsideMark) + "1-1";
  std::ofstream(left) << "half";
  EXPECT_EQ(Open()->Get("s-1").value(), "x");
  EXPECT_FALSE(fs::exists(left));
}

TEST(SecretsTest, SealedBytesOpenOnlyUnderTheirKeyAndContext) {
  const SecretKey key = RandomKey();
  const std::string sealed = Seal(key, "plain", "context");
  EXPECT_EQ(sealed.size(), 5 + kSealOverheadBytes);
  EXPECT_EQ(Unseal(key, sealed, "context").value(), "plain");
  EXPECT_TRUE(absl::IsDataLoss(Unseal(key, sealed, "other").status()));
  EXPECT_TRUE(absl::IsDataLoss(Unseal(RandomKey(), sealed, "context").status()));
  EXPECT_TRUE(absl::IsDataLoss(Unseal(key, "", "context").status()));
  EXPECT_EQ(Unseal(key, Seal(key, "", ""), "").value(), "");
}

TEST_F(VaultTest, AKeyThatMustExistIsNotMade) {
  EXPECT_TRUE(absl::IsNotFound(LoadKey(root_ + "/none").status()));
  EXPECT_FALSE(fs::exists(root_ + "/none"));
}

TEST(SecretsTest, KnownAnswers) {
  // From `openssl dgst -sha256` and `openssl dgst -sha256 -mac HMAC`.
  EXPECT_EQ(HashHex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(Mac(SecretKey(std::string(32, '\x0b')), "Hi There")),
            "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
}

TEST(PickupCodesTest, SixDigitsThatFollowFromTaskAndRequest) {
  const SecretKey key = RandomKey();
  const PickupCodes codes(key);
  const std::string code = codes.Mint("t-1", "r-1");
  EXPECT_EQ(code.size(), 6u);
  EXPECT_EQ(code.find_first_not_of("0123456789"), std::string::npos);
  EXPECT_EQ(PickupCodes(key).Mint("t-1", "r-1"), code);
  EXPECT_NE(codes.Mac("t-1", code), codes.Mac("t-2", code));
  EXPECT_NE(codes.Mac("t-1", code), PickupCodes(RandomKey()).Mac("t-1", code));
  EXPECT_NE(codes.Mac("a", "bc"), codes.Mac("ab", "c"));
  int same = 0;
  for (int i = 0; i < 100; ++i) same += codes.Mint("t-1", std::to_string(i)) == code;
  EXPECT_LE(same, 1);
}

}  // namespace
}  // namespace quartermaster::orders
