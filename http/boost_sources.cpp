// Asio and Beast, compiled once for the whole house: the targets that use them link
// `pourtocol_asio`, whose definitions turn their headers into mere declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
