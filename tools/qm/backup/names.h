// The files of a backup beside its frames; FORMAT.md says what they are.
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_NAMES_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_NAMES_H_

namespace quartermaster::qm {

inline constexpr char kManifestName[] = "/manifest.json";
inline constexpr char kUnfinishedName[] = "/unfinished";
inline constexpr char kLockName[] = "/lock";

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_NAMES_H_
