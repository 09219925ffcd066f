// Movements of the ledger as a table.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_MOVEMENT_OUTPUT_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_MOVEMENT_OUTPUT_H_

#include <vector>

#include "quartermaster/stock/v1/stock.pb.h"
#include "tools/qm/output/table.h"

namespace quartermaster::qm {

Table MovementTable(const std::vector<stock::v1::Movement>& movements);

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_MOVEMENT_OUTPUT_H_
