#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::operator()(const OrderHeld& e) { QM_CHECK(false) << "at position " << position_; }

void Applier::operator()(const HoldEnded& e) { QM_CHECK(false) << "at position " << position_; }

}  // namespace quartermaster::orders
