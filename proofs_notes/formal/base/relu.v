(** L1 [fb] (blueprint, section 1): the ReLU facts, for all reals. Positive multiples pass through, the map is
    1-Lipschitz, and the squared differences at u, v and at -u, -v together are at most (u - v)^2.

    Definitions: [relu], the positive part [a]_+ = max(0, a) of a real number.
    Statements: L1. *)

From Coq Require Import Reals Lra Psatz.
Open Scope R_scope.

(** [[a]_+] *)
Definition relu (a : R) : R := Rmax 0 a.

(** split every comparison of reals, in goal and hypotheses *)
Ltac relu_cases := unfold relu, Rmax, Rmin, Rabs in *;
  repeat match goal with
  | |- context [Rle_dec ?a ?b] => destruct (Rle_dec a b)
  | |- context [Rcase_abs ?a] => destruct (Rcase_abs a)
  | H : context [Rle_dec ?a ?b] |- _ => destruct (Rle_dec a b)
  | H : context [Rcase_abs ?a] |- _ => destruct (Rcase_abs a)
  end.

Lemma relu_nonneg a : 0 <= relu a.
Proof. relu_cases; lra. Qed.

Lemma relu_pos a : 0 <= a -> relu a = a.
Proof. relu_cases; lra. Qed.

Lemma relu_neg a : a <= 0 -> relu a = 0.
Proof. relu_cases; lra. Qed.

(** L1a *)
Theorem L1a_homogeneous c a : 0 <= c -> relu (c * a) = c * relu a.
Proof. intros Hc. relu_cases; nra. Qed.

(** L1b *)
Theorem L1b_lipschitz a b : Rabs (relu a - relu b) <= Rabs (a - b).
Proof. relu_cases; lra. Qed.

(** L1c, the inequality and when it is an equality ([0 <= u * v]: same sign, or one of them 0) *)
Theorem L1c_mirrored u v :
  (relu u - relu v)^2 + (relu (- u) - relu (- v))^2 <= (u - v)^2.
Proof. relu_cases; nra. Qed.

Theorem L1c_equality u v :
  (relu u - relu v)^2 + (relu (- u) - relu (- v))^2 = (u - v)^2 <-> 0 <= u * v.
Proof. relu_cases; split; intros; nra. Qed.
