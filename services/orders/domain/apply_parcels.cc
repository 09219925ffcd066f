#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

void Applier::operator()(const ParcelReported& e) {
  QM_CHECK(false) << "at position " << position_;
}

}  // namespace quartermaster::orders
