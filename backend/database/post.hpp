// How a worker thread hands something back to the event loop, and how one keeps another from the
// file.
#pragma once

#include <functional>
#include <memory>

namespace pourtocol::database {

/// Runs a task later on the event loop, tasks in the order they were posted. Called from the
/// threads of this room; must be callable for as long as an object of this room that was given it
/// lives. With Asio: `[&io](auto task) { asio::post(io, std::move(task)); }`.
using Post = std::function<void(std::move_only_function<void()>)>;

/// Keeps somebody from the file for as long as the returned value lives; returns once they have
/// closed it.
using Pause = std::function<std::shared_ptr<void>()>;

}  // namespace pourtocol::database
