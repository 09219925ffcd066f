#include "tools/qm/call/reflection.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace quartermaster::qm {
namespace {

namespace v1alpha = ::grpc::reflection::v1alpha;
using google::protobuf::FileDescriptorProto;

}  // namespace

class Reflection::Database : public google::protobuf::DescriptorDatabase {
 public:
  Database(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds timeout)
      : stub_(v1alpha::ServerReflection::NewStub(channel)) {
    call_.set_deadline(std::chrono::system_clock::now() + timeout);
    stream_ = stub_->ServerReflectionInfo(&call_);
  }
  ~Database() override {
    call_.TryCancel();
    if (stream_ != nullptr) stream_->Finish();
  }

  std::vector<std::string> Services() {
    v1alpha::ServerReflectionRequest request;
    request.set_list_services("*");
    v1alpha::ServerReflectionResponse response;
    std::vector<std::string> names;
    if (!Ask(request, &response)) return names;
    for (const auto& service : response.list_services_response().service()) {
      names.push_back(service.name());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  bool FindFileByName(const std::string& filename, FileDescriptorProto* output) override {
    if (known_.FindFileByName(filename, output)) return true;
    v1alpha::ServerReflectionRequest request;
    request.set_file_by_filename(filename);
    return AskForFile(request) && known_.FindFileByName(filename, output);
  }
  bool FindFileContainingSymbol(const std::string& symbol, FileDescriptorProto* output) override {
    if (known_.FindFileContainingSymbol(symbol, output)) return true;
    v1alpha::ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    return AskForFile(request) && known_.FindFileContainingSymbol(symbol, output);
  }
  bool FindFileContainingExtension(const std::string&, int, FileDescriptorProto*) override {
    return false;
  }

  const grpc::Status& status() const { return status_; }

 private:
  bool Ask(const v1alpha::ServerReflectionRequest& request,
           v1alpha::ServerReflectionResponse* response) {
    if (stream_ == nullptr) return false;
    if (stream_->Write(request) && stream_->Read(response)) return true;
    status_ = stream_->Finish();
    stream_ = nullptr;
    return false;
  }

  // A server sends a file's dependencies with it, and may send each only once.
  bool AskForFile(const v1alpha::ServerReflectionRequest& request) {
    v1alpha::ServerReflectionResponse response;
    if (!Ask(request, &response) || !response.has_file_descriptor_response()) return false;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      FileDescriptorProto file, same;
      if (!file.ParseFromString(bytes) || known_.FindFileByName(file.name(), &same)) continue;
      known_.Add(file);
    }
    return true;
  }

  const std::unique_ptr<v1alpha::ServerReflection::Stub> stub_;
  grpc::ClientContext call_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>>
      stream_;
  grpc::Status status_;
  google::protobuf::SimpleDescriptorDatabase known_;
};

Reflection::Reflection(const std::shared_ptr<grpc::Channel>& channel,
                       std::chrono::milliseconds timeout)
    : database_(std::make_unique<Database>(channel, timeout)),
      pool_(std::make_unique<google::protobuf::DescriptorPool>(database_.get())) {}

Reflection::~Reflection() = default;

std::vector<std::string> Reflection::Services() { return database_->Services(); }

grpc::Status Reflection::status() const { return database_->status(); }

}  // namespace quartermaster::qm
