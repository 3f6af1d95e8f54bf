(* What the extracted checker uses of Coq's machine integers. OCaml's int on a 64-bit machine is an integer modulo 2^63
   too: addition, multiplication and equality are its own, and its order is the signed one. *)

type t = int

let () = assert (Sys.int_size = 63)
let of_int (a : int) : t = a
let add (a : t) (b : t) : t = a + b
let mul (a : t) (b : t) : t = a * b
let opp (a : t) : t = -a
let equal (a : t) (b : t) = a = b
let les (a : t) (b : t) = a <= b

(* the integer z modulo 2^63 *)
let modulo z : t = Z.to_int (Z.signed_extract z 0 63)
