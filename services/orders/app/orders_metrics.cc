#include "services/orders/app/orders_metrics.h"

#include <vector>

#include "services/orders/app/orders_app.h"
#include "services/runtime/metrics.h"

namespace quartermaster::orders {

void AddOrdersMetrics(runtime::Metrics* metrics, const std::string& partition,
                      const OrdersApp* app) {
  using runtime::MetricKind;
  const runtime::MetricLabels labels = {{"partition", partition}};
  metrics->AddGroup(
      {{MetricKind::kGauge, "quartermaster_orders_intents_open",
        "What stock and routing are being asked to do for orders and have not done yet.", labels},
       {MetricKind::kGauge, "quartermaster_orders_intent_oldest_age_seconds",
        "How long the oldest of these has been open, in this process.", labels},
       {MetricKind::kCounter, "quartermaster_orders_intent_retries_total",
        "Intents that were tried again.", labels},
       {MetricKind::kGauge, "quartermaster_orders_exceptions_open",
        "What waits in the exception queue for a person.", labels},
       {MetricKind::kGauge, "quartermaster_orders_payment_intents_open",
        "What payment providers are to be asked to do and have not answered yet.", labels},
       {MetricKind::kGauge, "quartermaster_orders_backordered",
        "Orders with units that wait for stock to come.", labels},
       {MetricKind::kGauge, "quartermaster_orders_pickups_expiring",
        "Pickups that nobody fetched in time, and nobody has put back yet.", labels}},
      [app] {
        return std::vector<double>{static_cast<double>(app->saga().open()),
                                   static_cast<double>(app->saga().oldest_age().count) / 1e6,
                                   static_cast<double>(app->saga().retries()),
                                   static_cast<double>(app->view().open_exceptions()),
                                   static_cast<double>(app->view().open_intents()),
                                   static_cast<double>(app->backorders().waiting()),
                                   static_cast<double>(app->view().expiring_pickups())};
      });
}

}  // namespace quartermaster::orders
