#pragma once

#include "server/app/client.hpp"
#include "server/http/router.hpp"

namespace khochung::app {

/// The API called in this process, with the rights of whoever holds the data folder.
class LocalClient final : public Client {
 public:
  explicit LocalClient(const http::Router& router) : router_(router) {}
  Result<Answer> send(const Call& call) override;

 private:
  const http::Router& router_;
};

}  // namespace khochung::app
