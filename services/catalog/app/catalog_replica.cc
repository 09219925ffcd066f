#include "services/catalog/app/catalog_replica.h"

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/engine/machine.h"

namespace quartermaster::catalog {

absl::Status CatalogReplica::Take(Position position, uint32_t type, uint32_t version,
                                  std::string_view payload) {
  if (position <= position_) return absl::OkStatus();
  if (position != position_ + 1) {
    return absl::DataLossError(absl::StrCat("the catalog's log goes on at position ", position,
                                            " instead of ", position_ + 1));
  }
  if (type != engine::kRequestOutcomeType) {
    QM_RETURN_IF_ERROR(machine_.Replay({position, type, version, payload}, kDistantPast));
  }
  position_ = position;
  return absl::OkStatus();
}

void CatalogReplica::Publish() { machine_.Publish(position_, kDistantPast); }

}  // namespace quartermaster::catalog
