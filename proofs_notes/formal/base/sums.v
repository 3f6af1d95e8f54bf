(** Finite sums over a list of indices. A set of slots J is a list without repetition; a sum over the law P, over
    neurons or over coordinates is a sum over such a list.

    Definitions: [lsum], the sum of f i over the indices i of a list, in order, written \sum_(i in l) and, over 0 ..
    n-1, \sum_(i < n); [mem], whether slot j is in J, as a boolean.
    Statements: none; everything else computes with these sums. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
Import ListNotations.
Open Scope R_scope.

Fixpoint lsum {I : Type} (l : list I) (f : I -> R) : R :=
  match l with
  | nil => 0
  | i :: r => f i + lsum r f
  end.

Notation "\sum_ ( i < n ) E" := (lsum (seq 0 n) (fun i : nat => E))
  (at level 35, E at level 35, i binder, n at level 10, format "\sum_ ( i  <  n )  E").
Notation "\sum_ ( i 'in' l ) E" := (lsum l (fun i => E))
  (at level 35, E at level 35, i binder, l at level 10, format "\sum_ ( i  'in'  l )  E").

Section Sums.
Context {I : Type}.
Implicit Types (l : list I) (f g : I -> R).

Lemma lsum_ext l f g : (forall i, In i l -> f i = g i) -> lsum l f = lsum l g.
Proof.
  induction l as [|i r IH]; simpl; intros H; [easy|].
  rewrite (H i), IH; auto.
Qed.

Lemma lsum_plus l f g : lsum l (fun i => f i + g i) = lsum l f + lsum l g.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_minus l f g : lsum l (fun i => f i - g i) = lsum l f - lsum l g.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_scal l c f : lsum l (fun i => c * f i) = c * lsum l f.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_scal_r l c f : lsum l (fun i => f i * c) = lsum l f * c.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

(** the sum along a straight line *)
Lemma lsum_lin l t f g :
  lsum l (fun i => (1 - t) * f i + t * g i) = (1 - t) * lsum l f + t * lsum l g.
Proof. now rewrite lsum_plus, !lsum_scal. Qed.

Lemma lsum_zero l f : (forall i, In i l -> f i = 0) -> lsum l f = 0.
Proof.
  induction l as [|i r IH]; simpl; intros H; [easy|].
  rewrite (H i), IH; auto; lra.
Qed.

Lemma lsum_le l f g : (forall i, In i l -> f i <= g i) -> lsum l f <= lsum l g.
Proof.
  induction l as [|i r IH]; simpl; intros H; [lra|].
  pose proof (H i (or_introl eq_refl)). assert (lsum r f <= lsum r g) by auto. lra.
Qed.

Lemma lsum_nonneg l f : (forall i, In i l -> 0 <= f i) -> 0 <= lsum l f.
Proof.
  intros H. rewrite <- (lsum_zero l (fun _ => 0)) by easy. now apply lsum_le.
Qed.

(** one term is at most a sum of nonnegative terms *)
Lemma lsum_term l f i : (forall j, In j l -> 0 <= f j) -> In i l -> f i <= lsum l f.
Proof.
  induction l as [|a r IH]; simpl; intros H Hi; [easy|].
  pose proof (H a (or_introl eq_refl)) as Ha.
  assert (Hr : 0 <= lsum r f) by (apply lsum_nonneg; auto).
  destruct Hi as [<-|Hi]; [lra|]. specialize (IH (fun j Hj => H j (or_intror Hj)) Hi). lra.
Qed.

Lemma lsum_app l1 l2 f : lsum (l1 ++ l2) f = lsum l1 f + lsum l2 f.
Proof. induction l1 as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_perm l1 l2 f : Permutation l1 l2 -> lsum l1 f = lsum l2 f.
Proof. induction 1; simpl; lra. Qed.

Lemma lsum_filter l (b : I -> bool) f :
  lsum l (fun i => if b i then f i else 0) = lsum (filter b l) f.
Proof.
  induction l as [|i r IH]; simpl; [easy|].
  rewrite IH; destruct (b i); simpl; lra.
Qed.

Lemma lsum_const l c : lsum l (fun _ => c) = INR (length l) * c.
Proof.
  induction l as [|i r IH]; [simpl; lra|].
  cbn [lsum length]. rewrite IH, S_INR. lra.
Qed.
End Sums.

Lemma lsum_map {I K : Type} (l : list I) (h : I -> K) (f : K -> R) :
  lsum (map h l) f = lsum l (fun i => f (h i)).
Proof. induction l as [|i r IH]; simpl; [easy|]. now rewrite IH. Qed.

Lemma lsum_swap {I K : Type} (l : list I) (l' : list K) (f : I -> K -> R) :
  lsum l (fun i => lsum l' (f i)) = lsum l' (fun k => lsum l (fun i => f i k)).
Proof.
  induction l as [|i r IH]; simpl.
  - now rewrite lsum_zero.
  - now rewrite IH, <- lsum_plus.
Qed.

Lemma lsum_prod {I K : Type} (l : list I) (l' : list K) (f : I * K -> R) :
  lsum (list_prod l l') f = lsum l (fun i => lsum l' (fun k => f (i, k))).
Proof.
  induction l as [|i r IH]; simpl; [easy|].
  now rewrite lsum_app, IH, lsum_map.
Qed.

(** * Sums over 0 .. m-1 and over a set of slots *)

Lemma in_rng j n : In j (seq 0 n) <-> (j < n)%nat.
Proof. rewrite in_seq. lia. Qed.

Definition mem (j : nat) (J : list nat) : bool := existsb (Nat.eqb j) J.

Lemma mem_In j J : mem j J = true <-> In j J.
Proof.
  unfold mem. rewrite existsb_exists. split.
  - intros (k & H & E). apply Nat.eqb_eq in E. now subst.
  - intros H. exists j. split; [easy | apply Nat.eqb_refl].
Qed.

Lemma mem_false j J : mem j J = false <-> ~ In j J.
Proof. rewrite <- mem_In. destruct (mem j J); intuition congruence. Qed.

Lemma lsum_mem m J F : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  \sum_(j < m) (if mem j J then F j else 0) = lsum J F.
Proof.
  intros HN HJ. rewrite lsum_filter. apply lsum_perm.
  apply NoDup_Permutation; [apply NoDup_filter, seq_NoDup | easy |].
  intros j. rewrite filter_In, mem_In, in_rng. split; [easy|]. intros H; auto.
Qed.

Lemma lsum_delta m a F : (a < m)%nat ->
  \sum_(i < m) (if Nat.eqb a i then F i else 0) = F a.
Proof.
  intros Ha. rewrite (lsum_ext _ _ (fun i => if mem i [a] then F i else 0)).
  - rewrite lsum_mem; simpl; [lra | repeat constructor; easy | intuition lia].
  - intros i _. simpl. rewrite (Nat.eqb_sym a i). now destruct (Nat.eqb i a).
Qed.

(** a sum over m slots, split into the slots of J and the others *)
Lemma lsum_split m J F : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  \sum_(j < m) F j = lsum J F + \sum_(j < m) (if mem j J then 0 else F j).
Proof.
  intros HN HJ. rewrite <- (lsum_mem m J F HN HJ), <- lsum_plus.
  apply lsum_ext; intros j _. destruct (mem j J); lra.
Qed.

(** a sum over a list, by positions *)
Lemma lsum_nth (L : list nat) (g : nat -> R) : lsum L g = \sum_(i < length L) (g (nth i L O)).
Proof.
  induction L as [|a L IH]; [easy|]. cbn [length seq lsum nth]. rewrite <- seq_shift, lsum_map, IH. easy.
Qed.
