#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::operator()(const PickupReminded& e) {
  QM_CHECK(false) << "at position " << position_;
}

void Applier::operator()(const PickupExpiring& e) {
  QM_CHECK(false) << "at position " << position_;
}

void Applier::operator()(const PickupExtended& e) {
  QM_CHECK(false) << "at position " << position_;
}

}  // namespace quartermaster::orders
