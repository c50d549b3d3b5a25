#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/node/health.h"
#include "common/node/loop.h"
#include "common/node/queries.h"
#include "common/node/server.h"
#include "common/node/world.h"

namespace seatsaga {

// A service in a world: its store, its logic on a loop, its queries beside it, and its methods on
// the wire. All services start and stop in the same order.
//
//   construct → Start: serve, query, load and loop, then SERVING → Stop: NOT_SERVING, loops,
//   queries, wire
//
// A service derives from Node<its Io> and in its constructor says what each of its methods does.
class NodeBase : public Server {
 public:
  NodeBase(const NodeBase&) = delete;
  NodeBase& operator=(const NodeBase&) = delete;

  absl::Status Start() final;
  void Stop(absl::Duration drain) final;

 protected:
  NodeBase(World world, std::unique_ptr<store::Store> store)
      : world_(std::move(world)),
        store_(std::move(store)),
        queries_(*store_, world_.make_worker()) {}

  // Called once the loops take turns, and just before they stop. A node starts and stops here what
  // it runs beside its loops.
  virtual void OnStarted() {}
  virtual void OnStopping() {}
  // Called on the thread of a loop when one of its batches is durable: queries see it now.
  virtual void OnDurable() {}

  // Loops start and stop in the order in which they were added.
  void AddLoop(internal::LoopBase& loop) { loops_.push_back(&loop); }
  LoopWorld loop_world() {
    return {.clock = world_.clock,
            .random = world_.random,
            .on_fenced = world_.stop,
            .on_durable = [this] { OnDurable(); },
            .on_health = [this](bool works) { health_.NoteLoop(works); }};
  }

  // Serves a method that only reads: `parse(request)` or `parse(request, context)` gives a StatusOr
  // of a query, and `run(snapshot, query)` a StatusOr of the response.
  template <class Method, class Parse, class Run>
  void ServeQuery(const Method& method, Parse parse, Run run) {
    using Response = typename Method::Response;
    world_.wire.Serve(
        method, [this, parse, run](typename Method::Request& request, const CallContext& context,
                                   Reply<Response> reply) {
          auto query = Parsed(parse, request, context);
          if (!query.ok()) return reply.Send(query.status());
          queries_.Answer(std::move(reply),
                          [run, query = *std::move(query)](store::Snapshot& snapshot) mutable {
                            return absl::StatusOr<Response>(run(snapshot, query));
                          });
        });
  }

  // Serves a method that answers with a stream: `parse` as above, and `open(query, stream)` takes
  // the stream.
  template <class Method, class Parse, class Open>
  void ServeStream(const Method& method, Parse parse, Open open) {
    using Request = typename Method::Request;
    world_.wire.Serve(method, [parse, open](const Request& request, const CallContext& context,
                                            StreamOf<typename Method::Response> stream) {
      auto query = Parsed(parse, request, context);
      if (!query.ok()) return stream.Finish(query.status());
      open(*std::move(query), std::move(stream));
    });
  }

  template <class Parse, class Request>
  static auto Parsed(const Parse& parse, Request& request, const CallContext& context) {
    if constexpr (std::is_invocable_v<const Parse&, Request&>) {
      return parse(request);
    } else {
      return parse(request, context);
    }
  }

  World world_;
  std::unique_ptr<store::Store> store_;
  Queries queries_;

 private:
  std::vector<internal::LoopBase*> loops_;
  NodeHealth health_{world_.wire};
};

template <class Io>
class Node : public NodeBase {
 public:
  using In = typename Io::In;
  using Out = typename Io::Out;

 protected:
  // `logic` must outlive the node's Stop: derive from what holds it, or hold it first.
  Node(const World& world, std::unique_ptr<store::Store> store, Logic<Io>& logic,
       typename Loop<Io>::Sender sender, LoopLimits limits)
      : NodeBase(world, std::move(store)),
        loop_(loop_world(), store_->lane(), logic, std::move(sender), limits) {
    AddLoop(loop_);
  }

  // Serves a method whose requests are inputs: `parse(request)` or `parse(request, context)` gives
  // a StatusOr of one of In's types, and `respond(Out&&)` the response, or a StatusOr of it.
  template <class Method, class Parse, class Respond>
  void ServeInput(const Method& method, Parse parse, Respond respond) {
    using Response = typename Method::Response;
    world_.wire.Serve(
        method, [this, parse, respond](typename Method::Request& request,
                                       const CallContext& context, Reply<Response> reply) {
          absl::StatusOr<In> input = NodeBase::Parsed(parse, request, context);
          if (!input.ok()) return reply.Send(input.status());
          Reply<Out> as_out([reply = std::move(reply), respond](absl::StatusOr<Out> out) mutable {
            if (!out.ok()) return reply.Send(out.status());
            reply.Send(absl::StatusOr<Response>(respond(*std::move(out))));
          });
          if (loop_.TryPush(*std::move(input), std::move(as_out))) return;
          as_out.Send(loop_.Refusal());  // NOLINT(bugprone-use-after-move): refused, so untouched
        });
  }

  Loop<Io> loop_;
};

}  // namespace seatsaga
