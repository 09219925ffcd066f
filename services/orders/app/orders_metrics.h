// What orders has open, as metrics: quartermaster_orders_*{partition}.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_METRICS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_METRICS_H_

#include <string>

namespace quartermaster::runtime {
class Metrics;
}

namespace quartermaster::orders {

class OrdersApp;

// `app` is read on each scrape, from another thread: it must outlive `metrics`.
void AddOrdersMetrics(runtime::Metrics* metrics, const std::string& partition,
                      const OrdersApp* app);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_METRICS_H_
