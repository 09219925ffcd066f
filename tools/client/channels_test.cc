#include "tools/client/channels.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace quartermaster::tools {
namespace {

constexpr char kStock[] = "quartermaster.stock.v1.StockService";
constexpr char kOrders[] = "quartermaster.orders.v1.OrderService";
constexpr char kLog[] = "quartermaster.log.v1.LogReader";

TEST(ChannelsTest, OneConnectionAnAddress) {
  Channels channels(*AddressBook::Parse("stock=a:1,orders=a:1,b:2"), {});
  EXPECT_EQ(channels.To(kStock), channels.To(kOrders));
  EXPECT_NE(channels.To(kStock), channels.To(kLog));
  EXPECT_EQ(channels.To(kLog), channels.To(kLog));
  EXPECT_FALSE(channels.addresses().IsOneServer());
}

TEST(ChannelsTest, ConnectToWhatTheBookSays) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  grpc::AsyncGenericService nothing;
  builder.RegisterAsyncGenericService(&nothing);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  grpc::ChannelArguments arguments;
  SetReconnectPauses(arguments, 100, 200);
  Channels channels(*AddressBook::Parse(absl::StrCat("127.0.0.1:", port)), arguments);
  EXPECT_TRUE(channels.To(kStock)->WaitForConnected(std::chrono::system_clock::now() +
                                                    std::chrono::seconds(30)));
  server->Shutdown();
  queue->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
  }
}

}  // namespace
}  // namespace quartermaster::tools
