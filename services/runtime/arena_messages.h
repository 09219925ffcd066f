// ArenaMessages: has gRPC make a method's requests and responses on an arena each. For those that
// have hundreds of parts: to make and unmake each by itself costs more than to read it.
//
//   ArenaMessages<v1::BatchReserveRequest, v1::BatchReserveResponse> messages;
//   service.SetMessageAllocatorFor_BatchReserve(&messages);
#ifndef QUARTERMASTER_SERVICES_RUNTIME_ARENA_MESSAGES_H_
#define QUARTERMASTER_SERVICES_RUNTIME_ARENA_MESSAGES_H_

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/message_allocator.h>

#include <cstddef>

namespace quartermaster::runtime {

// Thread-safe. Must outlive the server.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  static constexpr size_t kBlockBytes = size_t{16} << 10;
  static constexpr size_t kBlockBytesMax = size_t{256} << 10;

  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(Options()) {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    static google::protobuf::ArenaOptions Options() {
      google::protobuf::ArenaOptions options;
      options.start_block_size = kBlockBytes;
      options.max_block_size = kBlockBytesMax;
      return options;
    }
    google::protobuf::Arena arena_;
  };
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_ARENA_MESSAGES_H_
