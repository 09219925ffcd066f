#include "tools/bench/echo_server.h"

#include <grpcpp/grpcpp.h>

#include <csignal>

#include "quartermaster/stock/v1/stock.grpc.pb.h"

namespace quartermaster::bench {
namespace {

class EchoService final : public stock::v1::StockService::CallbackService {
 public:
  grpc::ServerUnaryReactor* Reserve(grpc::CallbackServerContext* context,
                                    const stock::v1::ReserveRequest* request,
                                    stock::v1::ReserveResponse* response) override {
    stock::v1::Reservation& out = *response->mutable_reservation();
    out.set_reservation_id("r1234567");
    out.set_owner_id(request->owner_id());
    out.set_state(stock::v1::Reservation::HELD);
    out.mutable_create_time()->set_seconds(1'700'000'000);
    out.mutable_create_time()->set_nanos(123'456'000);
    out.mutable_expire_time()->set_seconds(1'700'000'900);
    out.mutable_expire_time()->set_nanos(123'456'000);
    out.set_position("1234567");
    response->set_position("1234567");
    for (const stock::v1::ReserveLine& line : request->lines()) {
      stock::v1::Reservation::Line& to = *out.add_lines();
      to.set_line_id("0");
      to.set_sku(line.sku());
      to.set_quantity(line.quantity());
      to.set_open(line.quantity());
      to.set_location_id(line.location_id());
      to.add_placements()->set_location_id(line.location_id());
      to.mutable_placements(0)->set_quantity(line.quantity());
    }
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* GetAvailability(grpc::CallbackServerContext* context,
                                            const stock::v1::GetAvailabilityRequest* request,
                                            stock::v1::GetAvailabilityResponse* response) override {
    for (const stock::v1::AvailabilityKey& key : request->keys()) {
      stock::v1::Availability& out = *response->add_availabilities();
      *out.mutable_key() = key;
      out.set_available(123'456);
      out.set_on_hand(1'000'000);
      out.set_reserved(1'234);
    }
    response->set_position("1234567");
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int ServeEcho(const std::string& tcp_address, const std::string& unix_address) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  EchoService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(tcp_address, grpc::InsecureServerCredentials());
  builder.AddListeningPort(unix_address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace quartermaster::bench
