#include "services/catalog/rpc/catalog_service.h"

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/v1/catalog.grpc.pb.h"
#include "services/base/status_macros.h"
#include "services/catalog/app/catalog_engine.h"
#include "services/catalog/domain/validate.h"
#include "services/catalog/rpc/convert.h"
#include "services/catalog/rpc/page_token.h"
#include "services/catalog/rpc/time_zones.h"
#include "services/runtime/answer_size.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"

namespace quartermaster::catalog {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::FieldChecker;
using runtime::RpcError;
using Admission = engine::Sequencer::Admission;

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1'000;

ServerUnaryReactor* Finish(ServerUnaryReactor* reactor, const std::optional<RpcError>& error) {
  reactor->Finish(error ? runtime::ToGrpcStatus(*error) : grpc::Status::OK);
  return reactor;
}

RpcError LocationNotFound(const std::string& location_id) {
  return runtime::NotFound(common::v1::LOCATION_NOT_FOUND, "location", location_id);
}

class CatalogServiceImpl final : public v1::CatalogService::CallbackService {
 public:
  CatalogServiceImpl(CatalogEngine* engine, TimeZones zones)
      : engine_(engine), zones_(std::move(zones)) {}

  ServerUnaryReactor* PutItems(CallbackServerContext* context, const v1::PutItemsRequest* request,
                               v1::PutItemsResponse* response) override {
    FieldChecker check;
    check.Size("items", request->items_size(), 1, kMaxBatch);
    return Submit(
        context, *request, std::move(check), [&] { return Command(ToCommand(*request)); },
        [response](const CatalogReply& reply) -> std::optional<RpcError> {
          ToProto(std::get<PutOutcome>(reply.outcome), "items", *response->mutable_results());
          response->set_position(absl::StrCat(reply.position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* PutLocations(CallbackServerContext* context,
                                   const v1::PutLocationsRequest* request,
                                   v1::PutLocationsResponse* response) override {
    FieldChecker check;
    check.Size("locations", request->locations_size(), 1, kMaxBatch);
    return Submit(
        context, *request, std::move(check), [&] { return Command(ToCommand(*request, zones_)); },
        [response](const CatalogReply& reply) -> std::optional<RpcError> {
          ToProto(std::get<PutOutcome>(reply.outcome), "locations", *response->mutable_results());
          response->set_position(absl::StrCat(reply.position));
          return std::nullopt;
        });
  }

  ServerUnaryReactor* PauseLocation(CallbackServerContext* context,
                                    const v1::PauseLocationRequest* request,
                                    v1::Location* response) override {
    FieldChecker check;
    check.Id("location_id", request->location_id());
    return Submit(
        context, *request, std::move(check), [&] { return Command(ToCommand(*request)); },
        [request, response](const CatalogReply& reply) -> std::optional<RpcError> {
          const auto& outcome = std::get<PauseOutcome>(reply.outcome);
          if (outcome.rejection == Rejection::kLocationNotFound) {
            return LocationNotFound(request->location_id());
          }
          ToProto(outcome.location, *response);
          return std::nullopt;
        });
  }

  ServerUnaryReactor* GetItem(CallbackServerContext* context, const v1::GetItemRequest* request,
                              v1::Item* response) override {
    FieldChecker check;
    check.Id("sku", request->sku());
    return Read(context, check, [&]() -> std::optional<RpcError> {
      const auto item = engine_->view().FindItem(request->sku());
      if (item == nullptr) {
        return runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", request->sku());
      }
      ToProto(*item, *response);
      return std::nullopt;
    });
  }

  ServerUnaryReactor* GetLocation(CallbackServerContext* context,
                                  const v1::GetLocationRequest* request,
                                  v1::Location* response) override {
    FieldChecker check;
    check.Id("location_id", request->location_id());
    return Read(context, check, [&]() -> std::optional<RpcError> {
      const auto location = engine_->view().FindLocation(request->location_id());
      if (location == nullptr) return LocationNotFound(request->location_id());
      ToProto(*location, *response);
      return std::nullopt;
    });
  }

  ServerUnaryReactor* ListItems(CallbackServerContext* context, const v1::ListItemsRequest* request,
                                v1::ListItemsResponse* response) override {
    FieldChecker check;
    check.Range("page_size", request->page_size(), 0, kMaxPageSize);
    return Read(context, check, [&] {
      return ListPage(
          "items", *request,
          [&](const std::string& after, size_t limit) {
            return engine_->view().ListItems(after, limit);
          },
          [](const Item& item) { return item.sku; }, *response->mutable_items(),
          *response->mutable_next_page_token());
    });
  }

  ServerUnaryReactor* ListLocations(CallbackServerContext* context,
                                    const v1::ListLocationsRequest* request,
                                    v1::ListLocationsResponse* response) override {
    FieldChecker check;
    check.Range("page_size", request->page_size(), 0, kMaxPageSize);
    return Read(context, check, [&] {
      return ListPage(
          "locations", *request,
          [&](const std::string& after, size_t limit) {
            return engine_->view().ListLocations(after, limit);
          },
          [](const Location& location) { return location.location_id; },
          *response->mutable_locations(), *response->mutable_next_page_token());
    });
  }

 private:
  // Answers a mutating request from its outcome, once that is durable.
  using Render = std::optional<RpcError>(const CatalogReply&);

  template <typename Request, typename MakeCommand>
  ServerUnaryReactor* Submit(CallbackServerContext* context, const Request& request,
                             FieldChecker check, MakeCommand make_command,
                             absl::AnyInvocable<Render> render) {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    check.Id("request_id", request.request_id());
    check.Attribution("attribution", request.attribution());
    if (!check.ok()) return Finish(reactor, check.error());

    CatalogRequest submitted;
    submitted.command = make_command();
    submitted.request_id = request.request_id();
    submitted.fingerprint = runtime::RequestFingerprint(request);
    submitted.deadline = runtime::InstantOf(context->deadline());
    submitted.bytes = request.ByteSizeLong();
    submitted.on_reply = [reactor, render = std::move(render)](CatalogReply reply) mutable {
      const bool decided =
          reply.fate == engine::Fate::kDecided || reply.fate == engine::Fate::kRecalled;
      Finish(reactor, decided ? render(reply) : runtime::FateError(reply.fate));
    };
    switch (engine_->Submit(std::move(submitted))) {
      case Admission::kAccepted:
        return reactor;
      case Admission::kQueueFull:
        return Finish(reactor, runtime::Overloaded());
      case Admission::kNotServing:
        break;
    }
    return Finish(reactor, runtime::NotServing());
  }

  template <typename Answer>
  ServerUnaryReactor* Read(CallbackServerContext* context, const FieldChecker& check,
                           Answer answer) {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    if (!check.ok()) return Finish(reactor, check.error());
    if (!engine_->serving()) return Finish(reactor, runtime::NotServing());
    return Finish(reactor, answer());
  }

  template <typename Request, typename List, typename IdOf, typename Messages>
  static std::optional<RpcError> ListPage(std::string_view list, const Request& request,
                                          List list_after, IdOf id_of, Messages& messages,
                                          std::string& next_page_token) {
    const std::optional<std::string> after = ReadPageToken(list, request.page_token());
    if (!after) {
      return RpcError(common::v1::PAGE_TOKEN_INVALID,
                      "page_token: is not one that this method gave out");
    }
    const size_t size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
    // One more, to know whether there is a next page.
    const auto page = list_after(*after, size + 1);
    runtime::AnswerSize bytes;
    size_t taken = 0;
    while (taken < page.size() && taken < size) {
      ToProto(*page[taken], *messages.Add());
      if (!bytes.Take(messages.Get(messages.size() - 1))) {
        messages.RemoveLast();
        break;
      }
      ++taken;
    }
    if (page.size() > taken) next_page_token = MakePageToken(list, id_of(*page[taken - 1]));
    return std::nullopt;
  }

  CatalogEngine* const engine_;
  const TimeZones zones_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<grpc::Service>> NewCatalogService(CatalogEngine* engine) {
  QM_ASSIGN_OR_RETURN(TimeZones zones, TimeZones::Load());
  return std::make_unique<CatalogServiceImpl>(engine, std::move(zones));
}

}  // namespace quartermaster::catalog
