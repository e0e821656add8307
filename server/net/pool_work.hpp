#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "server/net/asio.hpp"
#include "server/net/handler_pool.hpp"

namespace khochung::net {

/// Runs `work` on the pool while the coroutine waits; false when it was turned away because too
/// much waits for work of that kind. Work that was begun, without a kind, is not turned away.
template <typename Work>
Awaitable<bool> run_on(HandlerPool& pool, std::optional<http::Load> load, Work work) {
  const auto start = [&pool, load](auto handler, Work taken) {
    using Handler = decltype(handler);
    struct Task final : HandlerPool::Task {
      Task(Handler given, Work given_work)
          : resume(std::move(given)), work(std::move(given_work)) {}
      void run() override {
        work();
        complete(true);
      }
      void complete(bool was_run) {
        const auto executor = asio::get_associated_executor(resume);
        asio::post(executor,
                   [resume = std::move(resume), was_run]() mutable { std::move(resume)(was_run); });
      }
      Handler resume;
      Work work;
    };
    std::unique_ptr<HandlerPool::Task> task =
        std::make_unique<Task>(std::move(handler), std::move(taken));
    if (!load) {
      pool.post(std::move(task));
    } else if (!pool.try_post(task, *load)) {
      static_cast<Task&>(*task).complete(false);
    }
  };
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(
      start, asio::use_awaitable_t<Executor>(), std::move(work));
}

}  // namespace khochung::net
