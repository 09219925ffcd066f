#include "services/orders/app/subject_vault.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/base/mutex.h"
#include "services/base/status_macros.h"
#include "services/orders/app/secrets.h"
#include "storage/durable_file.h"

namespace quartermaster::orders {
namespace {

// A subject's file: this mark, the subject's key sealed under the vault's, the bytes sealed under
// the subject's. Both are bound to the subject's id.
constexpr std::string_view kMark = "QMSV1\n";
// Directories of the vault: what the names of their files begin with.
constexpr size_t kShardNameSize = 2;
constexpr size_t kWrappedKeyBytes = kSecretKeyBytes + kSealOverheadBytes;

// The names in a directory, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return absl::InternalError(absl::StrCat("cannot list ", path));
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(directory);
  return names;
}

// Deletes what a crash left half written. True if the shard holds a subject.
absl::StatusOr<bool> CleanShard(const std::string& path) {
  QM_RETURN_IF_ERROR(storage::RemoveAsides(path));
  QM_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(path));
  return !names.empty();
}

// Makes sure that the subjects are under this key, and notes down whose key it is. A vault from
// before there were notes is under the key in its directory.
absl::Status CheckKey(const std::string& directory, bool has_key, bool has_subjects,
                      const SecretKey& key) {
  const std::string path = absl::StrCat(directory, "/key_check");
  const std::string check = Mac(key, "quartermaster subject vault");
  absl::StatusOr<std::string> noted = storage::ReadWhole(path);
  if (absl::IsNotFound(noted.status()) && has_subjects && has_key) {
    QM_ASSIGN_OR_RETURN(const SecretKey own, LoadKey(absl::StrCat(directory, "/key")));
    noted = Mac(own, "quartermaster subject vault");
  }
  if (noted.ok() && *noted == check) return absl::OkStatus();
  if (!noted.ok() && !absl::IsNotFound(noted.status())) return noted.status();
  if (has_subjects && noted.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " holds subjects under another key: give that one back"));
  }
  return storage::WriteDurably(path, check);
}

class FileVault : public SubjectVault {
 public:
  FileVault(std::string directory, const SecretKey& key)
      : directory_(std::move(directory)), key_(key) {}

  absl::Status Put(std::string_view subject_id, std::string_view bytes) override {
    const std::string hash = HashHex(subject_id);
    QM_RETURN_IF_ERROR(storage::MakeDirectory(Shard(hash)));
    const SecretKey subject_key = RandomKey();
    return storage::WriteDurably(File(hash),
                                 absl::StrCat(absl::string_view(kMark.data(), kMark.size()),
                                              Seal(key_, subject_key.view(), subject_id),
                                              Seal(subject_key, bytes, subject_id)));
  }

  absl::StatusOr<std::string> Get(std::string_view subject_id) override {
    absl::StatusOr<std::string> file = storage::ReadWhole(File(HashHex(subject_id)));
    if (absl::IsNotFound(file.status())) return absl::NotFoundError("no such subject");
    QM_RETURN_IF_ERROR(file.status());
    std::string_view rest = *file;
    if (rest.size() < kMark.size() + kWrappedKeyBytes || rest.substr(0, kMark.size()) != kMark) {
      return absl::DataLossError("a subject's file is damaged");
    }
    rest.remove_prefix(kMark.size());
    QM_ASSIGN_OR_RETURN(std::string subject_key,
                        Unseal(key_, rest.substr(0, kWrappedKeyBytes), subject_id));
    return Unseal(SecretKey(subject_key), rest.substr(kWrappedKeyBytes), subject_id);
  }

  absl::Status Erase(std::string_view subject_id) override {
    return storage::RemoveDurably(File(HashHex(subject_id)));
  }

  absl::StatusOr<int64_t> EraseAllBut(const std::vector<std::string>& subject_ids) override {
    absl::flat_hash_set<std::string> kept;
    kept.reserve(subject_ids.size());
    for (const std::string& subject_id : subject_ids) kept.insert(HashHex(subject_id));
    QM_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory_));
    std::vector<std::string> strays;
    bool knows_any = false;
    for (const std::string& shard : names) {
      if (shard.size() != kShardNameSize) continue;
      QM_ASSIGN_OR_RETURN(const std::vector<std::string> hashes,
                          ListDirectory(absl::StrCat(directory_, "/", shard)));
      for (const std::string& hash : hashes) {
        if (kept.contains(hash)) {
          knows_any = true;
        } else {
          strays.push_back(hash);
        }
      }
    }
    if (!knows_any) return 0;
    for (const std::string& hash : strays) QM_RETURN_IF_ERROR(storage::RemoveDurably(File(hash)));
    return static_cast<int64_t>(strays.size());
  }

 private:
  std::string Shard(const std::string& hash) const {
    return absl::StrCat(directory_, "/", hash.substr(0, kShardNameSize));
  }
  std::string File(const std::string& hash) const { return absl::StrCat(Shard(hash), "/", hash); }

  const std::string directory_;
  const SecretKey key_;
};

class MemoryVault : public SubjectVault {
 public:
  absl::Status Put(std::string_view subject_id, std::string_view bytes) override {
    MutexLock lock(&mutex_);
    subjects_[std::string(subject_id)] = std::string(bytes);
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Get(std::string_view subject_id) override {
    MutexLock lock(&mutex_);
    const auto it = subjects_.find(subject_id);
    if (it == subjects_.end()) return absl::NotFoundError("no such subject");
    return it->second;
  }
  absl::Status Erase(std::string_view subject_id) override {
    MutexLock lock(&mutex_);
    if (const auto it = subjects_.find(subject_id); it != subjects_.end()) subjects_.erase(it);
    return absl::OkStatus();
  }
  absl::StatusOr<int64_t> EraseAllBut(const std::vector<std::string>& subject_ids) override {
    const absl::flat_hash_set<std::string> kept(subject_ids.begin(), subject_ids.end());
    const auto is_kept = [&kept](const auto& subject) { return kept.contains(subject.first); };
    MutexLock lock(&mutex_);
    if (std::none_of(subjects_.begin(), subjects_.end(), is_kept)) return 0;
    return static_cast<int64_t>(std::erase_if(subjects_, std::not_fn(is_kept)));
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::string, std::less<>> subjects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<SubjectVault>> OpenFileVault(
    const std::string& directory, const std::optional<SecretKey>& given_key) {
  QM_RETURN_IF_ERROR(storage::MakeDirectory(directory));
  QM_ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(directory));
  bool has_key = false;
  bool has_subjects = false;
  for (const std::string& name : names) {
    if (name == "key") has_key = true;
    if (name.size() != kShardNameSize) continue;
    QM_ASSIGN_OR_RETURN(bool occupied, CleanShard(absl::StrCat(directory, "/", name)));
    has_subjects = has_subjects || occupied;
  }
  if (has_subjects && !has_key && !given_key) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory,
                     " holds subjects, but its file `key` is gone: restore it from the backup, or "
                     "move the directory away to give these subjects up"));
  }
  SecretKey key;
  if (given_key) {
    key = *given_key;
  } else {
    QM_ASSIGN_OR_RETURN(key, LoadOrCreateKey(absl::StrCat(directory, "/key")));
  }
  QM_RETURN_IF_ERROR(CheckKey(directory, has_key, has_subjects, key));
  return std::unique_ptr<SubjectVault>(std::make_unique<FileVault>(directory, key));
}

std::unique_ptr<SubjectVault> NewMemoryVault() { return std::make_unique<MemoryVault>(); }

}  // namespace quartermaster::orders
