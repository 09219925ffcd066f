#include "tools/qm/call/raw_call.h"

#include <vector>

#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "services/base/check.h"

namespace quartermaster::qm {
namespace {

// What a completion is of.
enum Step : intptr_t { kStart = 1, kWrite, kWritesDone, kRead, kFinish };

void* Tag(Step step) { return reinterpret_cast<void*>(step); }

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

grpc::Status RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     std::chrono::system_clock::time_point deadline,
                     const NextRequest& next_request, const OnResponse& on_response) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  if (deadline != std::chrono::system_clock::time_point::max()) context.set_deadline(deadline);
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&context, method, &queue);
  grpc::ByteBuffer response;
  grpc::Status status;
  bool sending = true;
  bool reading = true;
  bool enough = false;
  const auto send = [&] {
    if (const std::optional<std::string> request = next_request()) {
      stream->Write(ToBuffer(*request), Tag(kWrite));
    } else {
      stream->WritesDone(Tag(kWritesDone));
    }
  };
  stream->StartCall(Tag(kStart));
  bool finished = false;
  while (!finished) {
    void* tag = nullptr;
    bool ok = false;
    QM_CHECK(queue.Next(&tag, &ok)) << "the queue ended before the call";
    switch (static_cast<Step>(reinterpret_cast<intptr_t>(tag))) {
      case kStart:
        if (ok) {
          stream->Read(&response, Tag(kRead));
          send();
        } else {
          sending = reading = false;
        }
        break;
      case kWrite:
        if (ok) {
          send();
        } else {
          sending = false;
        }
        break;
      case kWritesDone:
        sending = false;
        break;
      case kRead:
        if (ok && !enough && !on_response(ToString(response))) {
          enough = true;
          context.TryCancel();
        }
        if (ok) {
          stream->Read(&response, Tag(kRead));
        } else {
          reading = false;
        }
        break;
      case kFinish:
        finished = true;
        continue;
    }
    if (!sending && !reading) stream->Finish(&status, Tag(kFinish));
  }
  queue.Shutdown();
  return enough ? grpc::Status::OK : status;
}

}  // namespace quartermaster::qm
