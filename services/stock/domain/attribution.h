// Attribution: who did something, on what, and why; each optional.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_ATTRIBUTION_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_ATTRIBUTION_H_

#include <string>

namespace quartermaster::stock {

struct Attribution {
  std::string actor;
  std::string device;
  std::string reason;

  bool empty() const { return actor.empty() && device.empty() && reason.empty(); }
  friend bool operator==(const Attribution&, const Attribution&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_ATTRIBUTION_H_
