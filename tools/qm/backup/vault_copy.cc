#include "tools/qm/backup/vault_copy.h"

#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/status_macros.h"
#include "storage/durable_file.h"
#include "tools/qm/backup/files.h"

namespace quartermaster::qm {
namespace {

namespace fs = std::filesystem;

// services/orders/app/subject_vault.h and orders_app.cc have these names.
constexpr char kVault[] = "/orders/vault";
constexpr char kKeyCheck[] = "/key_check";
constexpr size_t kShardName = 2;
constexpr size_t kSubjectName = 64;

struct KeyFile {
  const char* in_data_dir;
  const char* in_copy;
};
constexpr std::array<KeyFile, 2> kKeys = {
    {{"/orders/vault/key", "/vault.key"}, {"/orders/pickup_codes.key", "/pickup.key"}}};

// "ab/abcd...": files of subjects, without what is being written aside.
absl::StatusOr<std::set<std::string>> Subjects(const std::string& vault) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& shard : fs::directory_iterator(vault, error)) {
    const std::string shard_name = shard.path().filename().string();
    if (shard_name.size() != kShardName) continue;
    for (const auto& file : fs::directory_iterator(shard.path(), error)) {
      const std::string name = file.path().filename().string();
      if (name.size() == kSubjectName) names.insert(absl::StrCat(shard_name, "/", name));
    }
    if (error) break;
  }
  if (error) return absl::InternalError(absl::StrCat("cannot list ", vault, ": ", error.message()));
  return names;
}

// Removes what a run that was killed left half written in the copy: nobody would ever erase it.
absl::Status Clean(const std::string& copy) {
  QM_RETURN_IF_ERROR(storage::RemoveAsides(copy));
  std::error_code error;
  for (const auto& shard : fs::directory_iterator(copy, error)) {
    if (shard.path().filename().string().size() != kShardName) continue;
    for (const auto& file : fs::directory_iterator(shard.path(), error)) {
      if (file.path().filename().string().size() == kSubjectName) continue;
      QM_RETURN_IF_ERROR(storage::RemoveDurably(file.path().string()));
    }
    if (error) break;
  }
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot list ", copy, ": ", error.message()));
}

// False if it has gone meanwhile: the subject was erased.
absl::StatusOr<bool> CopyFile(const std::string& from, const std::string& to) {
  const absl::StatusOr<std::string> bytes = storage::ReadWhole(from);
  if (absl::IsNotFound(bytes.status())) return false;
  QM_RETURN_IF_ERROR(bytes.status());
  QM_RETURN_IF_ERROR(storage::WriteDurably(to, *bytes));
  return true;
}

// A subject's bytes are sealed under a fresh nonce each time: the same bytes are the same version.
bool SameBytes(const std::string& a, const std::string& b) {
  const auto first = storage::ReadWhole(a);
  const auto second = storage::ReadWhole(b);
  return first.ok() && second.ok() && *first == *second;
}

// The two vaults are under one key, or there is no copy yet.
absl::Status CheckSameVault(const std::string& vault, const std::string& copy) {
  QM_ASSIGN_OR_RETURN(const std::string check, storage::ReadWhole(vault + kKeyCheck));
  const auto copied = storage::ReadWhole(copy + kKeyCheck);
  if (absl::IsNotFound(copied.status())) {
    std::error_code error;
    if (!Exists(copy) || fs::is_empty(copy, error)) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(copy, " holds something that is no copy of a vault: name another directory"));
  }
  QM_RETURN_IF_ERROR(copied.status());
  if (*copied == check) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      copy, " is the copy of a vault under another key: give this one a directory of its own"));
}

// Where the keys of a copy or of a data directory are expected.
using KeyPlace = const char* KeyFile::*;

// Those that are not there.
std::vector<std::string> MissingKeys(const std::string& directory, KeyPlace place) {
  std::vector<std::string> missing;
  for (const KeyFile& key : kKeys) {
    std::string path = absl::StrCat(directory, key.*place);
    if (!Exists(path)) missing.push_back(std::move(path));
  }
  return missing;
}

absl::StatusOr<int64_t> CopyKeys(const std::string& from_dir, KeyPlace from,
                                 const std::string& to_dir, KeyPlace to) {
  int64_t copied = 0;
  for (const KeyFile& key : kKeys) {
    QM_ASSIGN_OR_RETURN(const bool there, CopyFile(from_dir + key.*from, to_dir + key.*to));
    copied += there ? 1 : 0;
  }
  return copied;
}

}  // namespace

absl::StatusOr<VaultCopied> CopyVault(const std::string& data_dir, const std::string& copy,
                                      const std::string& keys_to) {
  const std::string vault = data_dir + kVault;
  if (!Exists(vault + kKeyCheck)) {
    return absl::NotFoundError(
        absl::StrCat("there is no vault in ", data_dir, ": no ", vault, kKeyCheck));
  }
  QM_RETURN_IF_ERROR(CheckSameVault(vault, copy));
  QM_RETURN_IF_ERROR(storage::MakeDirectories(copy));
  QM_RETURN_IF_ERROR(Clean(copy));
  QM_RETURN_IF_ERROR(CopyFile(vault + kKeyCheck, copy + kKeyCheck).status());
  QM_ASSIGN_OR_RETURN(const std::set<std::string> there, Subjects(vault));
  QM_ASSIGN_OR_RETURN(const std::set<std::string> copied, Subjects(copy));
  VaultCopied result;
  for (const std::string& name : there) {
    const std::string from = absl::StrCat(vault, "/", name);
    const std::string to = absl::StrCat(copy, "/", name);
    ++result.subjects;
    if (SameBytes(from, to)) continue;
    QM_RETURN_IF_ERROR(storage::MakeDirectories(to.substr(0, to.find_last_of('/'))));
    QM_ASSIGN_OR_RETURN(const bool written, CopyFile(from, to));
    if (written) {
      ++result.written;
    } else {
      --result.subjects;
      QM_RETURN_IF_ERROR(storage::RemoveDurably(to));
    }
  }
  for (const std::string& name : copied) {
    if (there.contains(name)) continue;
    QM_RETURN_IF_ERROR(storage::RemoveDurably(absl::StrCat(copy, "/", name)));
    ++result.removed;
  }
  if (keys_to.empty()) return result;
  QM_RETURN_IF_ERROR(storage::MakeDirectories(keys_to));
  QM_ASSIGN_OR_RETURN(result.keys,
                      CopyKeys(data_dir, &KeyFile::in_data_dir, keys_to, &KeyFile::in_copy));
  const std::vector<std::string> missing = MissingKeys(data_dir, &KeyFile::in_data_dir);
  if (missing.empty()) return result;
  return absl::NotFoundError(absl::StrCat(
      absl::StrJoin(missing, " and "), missing.size() == 1 ? " is" : " are",
      " not there, all else is copied: if the server is given its keys by --vault-key-file and "
      "--pickup-key-file, keep copies of those files yourself"));
}

absl::StatusOr<VaultCopied> RestoreVault(const std::string& copy, const std::string& data_dir,
                                         const std::string& keys_from) {
  const std::string vault = data_dir + kVault;
  if (!Exists(copy + kKeyCheck)) {
    return absl::NotFoundError(absl::StrCat("there is no copy of a vault in ", copy));
  }
  for (const std::string& path : {vault, data_dir + kKeys[1].in_data_dir}) {
    if (Exists(path)) return absl::AlreadyExistsError(absl::StrCat(path, " is there already"));
  }
  if (!keys_from.empty()) {
    const std::vector<std::string> missing = MissingKeys(keys_from, &KeyFile::in_copy);
    if (!missing.empty()) {
      return absl::NotFoundError(absl::StrCat(
          absl::StrJoin(missing, " and "), missing.size() == 1 ? " is" : " are",
          " not there, nothing is restored: name the directory that --keys-to had, or leave "
          "--keys-from out and give the server its keys"));
    }
  }
  VaultCopied result;
  QM_ASSIGN_OR_RETURN(const std::set<std::string> names, Subjects(copy));
  QM_RETURN_IF_ERROR(storage::MakeDirectories(vault));
  for (const std::string& name : names) {
    const std::string to = absl::StrCat(vault, "/", name);
    QM_RETURN_IF_ERROR(storage::MakeDirectories(to.substr(0, to.find_last_of('/'))));
    QM_RETURN_IF_ERROR(CopyFile(absl::StrCat(copy, "/", name), to).status());
    ++result.subjects;
    ++result.written;
  }
  if (!keys_from.empty()) {
    QM_ASSIGN_OR_RETURN(result.keys,
                        CopyKeys(keys_from, &KeyFile::in_copy, data_dir, &KeyFile::in_data_dir));
  }
  // Last: a vault without it would take the next key for its own.
  QM_RETURN_IF_ERROR(CopyFile(copy + kKeyCheck, vault + kKeyCheck).status());
  return result;
}

}  // namespace quartermaster::qm
