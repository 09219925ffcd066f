// FrameSource over LogReader.
#ifndef QUARTERMASTER_TOOLS_QM_BACKUP_SERVER_FRAMES_H_
#define QUARTERMASTER_TOOLS_QM_BACKUP_SERVER_FRAMES_H_

#include <memory>

#include "tools/qm/backup/backup.h"

namespace quartermaster::qm {

class Context;

// Each bounded part of an export has the context's timeout. The context must outlive it. Errors:
// the server's, by their gRPC code.
std::unique_ptr<FrameSource> NewServerFrames(Context& context);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_BACKUP_SERVER_FRAMES_H_
