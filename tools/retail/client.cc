#include "tools/retail/client.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "tools/client/channels.h"
#include "tools/retail/clock.h"

namespace quartermaster::retail {
namespace {

constexpr Micros kAttemptTimeout = Seconds(15);
constexpr Micros kGiveUpAfter = Seconds(120);
constexpr int kFirstReconnectMs = 100;
constexpr int kLongestReconnectMs = 200;
constexpr Micros kFirstPause = Milliseconds(10);
constexpr Micros kLongestPause = Milliseconds(500);

bool IsTransient(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

std::chrono::system_clock::time_point After(Micros timeout) {
  return std::chrono::system_clock::now() + std::chrono::microseconds(timeout.count);
}

}  // namespace

common::v1::ErrorReason ReasonOf(const grpc::Status& status) {
  google::rpc::Status detail;
  detail.ParseFromString(status.error_details());
  for (const google::protobuf::Any& any : detail.details()) {
    google::rpc::ErrorInfo info;
    common::v1::ErrorReason reason = common::v1::ERROR_REASON_UNSPECIFIED;
    if (any.UnpackTo(&info) && common::v1::ErrorReason_Parse(info.reason(), &reason)) {
      return reason;
    }
  }
  return common::v1::ERROR_REASON_UNSPECIFIED;
}

bool IsStockRefusal(const grpc::Status& status) {
  const common::v1::ErrorReason reason = ReasonOf(status);
  return reason == common::v1::INSUFFICIENT_STOCK || reason == common::v1::NO_PLAN ||
         reason == common::v1::CAP_EXCEEDED || reason == common::v1::CUSTOMER_CAP_EXCEEDED;
}

Client::Client(const tools::AddressBook& addresses, Calls* calls, uint64_t seed)
    : calls_(calls), draw_(seed, 0xC11E) {
  grpc::ChannelArguments arguments;
  // A connection of its own, and quick to come back after the server has died.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  tools::SetReconnectPauses(arguments, kFirstReconnectMs, kLongestReconnectMs);
  arguments.SetMaxReceiveMessageSize(16 << 20);
  tools::Channels channels(addresses, arguments);
  using Catalog = catalog::v1::CatalogService;
  using Stock = stock::v1::StockService;
  using Orders = orders::v1::OrderService;
  catalog_ = Catalog::NewStub(channels.To(Catalog::service_full_name()));
  stock_ = Stock::NewStub(channels.To(Stock::service_full_name()));
  orders_ = Orders::NewStub(channels.To(Orders::service_full_name()));
}

grpc::Status Client::Once(Micros timeout,
                          const std::function<grpc::Status(grpc::ClientContext*)>& attempt) {
  grpc::ClientContext context;
  context.set_deadline(After(timeout));
  // A call that fails at once leaves nobody to drive the reconnection but a poll every five
  // seconds; one that waits drives it itself.
  context.set_wait_for_ready(true);
  return attempt(&context);
}

grpc::Status Client::Call(CallKind kind,
                          const std::function<grpc::Status(grpc::ClientContext*)>& attempt) {
  const Instant give_up = WallClock() + kGiveUpAfter;
  Micros pause = kFirstPause;
  while (true) {
    const Instant sent = WallClock();
    grpc::Status status = Once(kAttemptTimeout, attempt);
    const Instant now = WallClock();
    if (!IsTransient(status.error_code())) {
      calls_->answered.fetch_add(1, std::memory_order_relaxed);
      if (kind == CallKind::kReserve) calls_->reserve.Record(now - sent);
      if (kind == CallKind::kPlaceOrder) calls_->place_order.Record(now - sent);
      return status;
    }
    if (now > give_up) {
      calls_->given_up.fetch_add(1, std::memory_order_relaxed);
      return status;
    }
    calls_->retries.fetch_add(1, std::memory_order_relaxed);
    const double jitter = 0.5 + draw_.Unit();
    std::this_thread::sleep_for(
        std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(pause.count) * jitter)));
    pause = std::min(Micros{pause.count * 2}, kLongestPause);
  }
}

}  // namespace quartermaster::retail
