// Reflection: the services, methods and messages that a server itself knows, by
// grpc.reflection.v1alpha.
//
//   Reflection server(channel, timeout);
//   const auto* method =
//   server.pool().FindMethodByName("quartermaster.stock.v1.StockService.Reserve"); if (method ==
//   nullptr) return server.status();    // OK: there is none of this name
#ifndef QUARTERMASTER_TOOLS_QM_CALL_REFLECTION_H_
#define QUARTERMASTER_TOOLS_QM_CALL_REFLECTION_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"

namespace quartermaster::qm {

// Not thread-safe. Asks when something is looked up; `timeout` is for all of it.
class Reflection {
 public:
  Reflection(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds timeout);
  ~Reflection();

  // Full names, sorted.
  std::vector<std::string> Services();
  // Finds what the server has; what was found lives as long as the Reflection.
  const google::protobuf::DescriptorPool& pool() const { return *pool_; }

  // Why the server did not answer; OK if it did.
  grpc::Status status() const;

 private:
  class Database;
  const std::unique_ptr<Database> database_;
  const std::unique_ptr<google::protobuf::DescriptorPool> pool_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CALL_REFLECTION_H_
