// StockNews: what stock has changed that routing's mirror may not have heard of. The mirror of a
// stock in another process follows it by milliseconds; a plan that came out short asks, so that
// nobody is refused units that stock has just received. Injected: over gRPC
// (rpc/grpc_stock_news.h); with stock in this process there is no such news.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_NEWS_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_NEWS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "services/routing/app/stock_feed.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::routing {

// Thread-safe.
class StockNews {
 public:
  using Result = std::variant<std::vector<StockChange>, runtime::RpcError>;
  using Done = absl::AnyInvocable<void(const Result&)>;

  virtual ~StockNews() = default;
  // The values, as they are now, of what has changed since `position`, stock's token. `done` runs
  // exactly once, on any thread, perhaps before the call returns; it must not block.
  // Errors, all to be retried: PEER_UNAVAILABLE; NOT_SERVING, if the mirror is too far behind.
  virtual void Since(std::string position, Done done) = 0;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_STOCK_NEWS_H_
