#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

/// The forms of Asio that the coroutines of this room share. Each network thread has a context of
/// its own, so that nothing in a connection is locked.
namespace khochung::net {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

template <typename T>
using Awaitable = asio::awaitable<T, Executor>;

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

/// co_await gives (error_code, …) rather than throwing.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>());

}  // namespace khochung::net
