(** Where a path first meets a wall: a continuous function that changes sign has a zero, and of finitely many
    positive numbers that move continuously until one is negative, there is a moment at which one is 0 and none
    negative. T5, T8a and T10 find the point of a path that they speak of in this way.

    Definitions: [least], the least of 1 and of the first n of a sequence of numbers.
    Statements: none; crossing and first_zero serve T5, T8a and T10. *)

From Coq Require Import Reals Lra List Arith Lia.
From Skipscape.base Require Import sums paths.
Import ListNotations.
Open Scope R_scope.

(** a continuous function that changes sign on [0, 1] has a zero there *)
Lemma crossing (g : R -> R) : continuity g -> 0 < g 0 -> g 1 < 0 -> exists t, 0 <= t <= 1 /\ g t = 0.
Proof.
  intros Hg H0 H1.
  destruct (IVT (fun t => - g t) 0 1) as (t & Ht & E); try lra; [now apply continuity_opp|].
  exists t. split; [easy | lra].
Qed.

Fixpoint least (n : nat) (g : nat -> R) : R :=
  match n with
  | O => 1
  | S n' => Rmin (least n' g) (g n')
  end.

Lemma least_le n g j : (j < n)%nat -> least n g <= g j.
Proof.
  induction n as [|n IH]; intros Hj; [lia|]. simpl. destruct (Nat.eq_dec j n) as [->|Hne]; [apply Rmin_r|].
  eapply Rle_trans; [apply Rmin_l | apply IH; lia].
Qed.

Lemma least_pos n g : (forall j, (j < n)%nat -> 0 < g j) -> 0 < least n g.
Proof.
  induction n as [|n IH]; intros H; simpl; [lra|].
  apply Rmin_glb_lt; [apply IH; intros; apply H; lia | apply H; lia].
Qed.

Lemma least_attained n g : least n g = 0 -> exists j, (j < n)%nat /\ g j = 0.
Proof.
  induction n as [|n IH]; simpl; intros H; [lra|]. unfold Rmin in H. destruct (Rle_dec (least n g) (g n)).
  - destruct (IH H) as (j & Hj & E). exists j. split; [lia | easy].
  - exists n. split; [lia | easy].
Qed.

Lemma Rmin_half a b : Rmin a b = / 2 * (a + b - Rabs (a - b)).
Proof. unfold Rmin. destruct (Rle_dec a b); [rewrite Rabs_left1 by lra | rewrite Rabs_right by lra]; lra. Qed.

Lemma least_continuous n (g : R -> nat -> R) :
  (forall j, continuity (fun t => g t j)) -> continuity (fun t => least n (g t)).
Proof.
  intros H. induction n as [|n IH]; simpl; [now apply continuity_const|].
  apply (continuity_ext (fun t => / 2 * (least n (g t) + g t n - Rabs (least n (g t) - g t n)))).
  - intros t. symmetry. apply Rmin_half.
  - apply (continuity_scal (fun t => least n (g t) + g t n - Rabs (least n (g t) - g t n))).
    apply (continuity_minus (fun t => least n (g t) + g t n) (fun t => Rabs (least n (g t) - g t n))).
    + now apply (continuity_plus (fun t => least n (g t)) (fun t => g t n)).
    + apply (continuity_comp (fun t => least n (g t) - g t n) Rabs); [|apply Rcontinuity_abs].
      now apply (continuity_minus (fun t => least n (g t)) (fun t => g t n)).
Qed.

Lemma first_zero n (g : R -> nat -> R) : (forall j, continuity (fun t => g t j)) ->
  (forall j, (j < n)%nat -> 0 < g 0 j) -> (exists j, (j < n)%nat /\ g 1 j < 0) ->
  exists t j, 0 <= t <= 1 /\ (j < n)%nat /\ g t j = 0 /\ forall i, (i < n)%nat -> 0 <= g t i.
Proof.
  intros Hc H0 (j1 & Hj1 & H1).
  destruct (crossing (fun t => least n (g t)) (least_continuous n g Hc)) as (t & Ht & E).
  - now apply least_pos.
  - pose proof (least_le n (g 1) j1 Hj1). lra.
  - destruct (least_attained n (g t) E) as (j & Hj & Ej). exists t, j.
    split; [easy|]. split; [easy|]. split; [easy|]. intros i Hi. rewrite <- E. now apply least_le.
Qed.

(** of finitely many numbers none is negative, or one is *)
Lemma some_negative n (g : nat -> R) : (forall j, (j < n)%nat -> 0 <= g j) \/ exists j, (j < n)%nat /\ g j < 0.
Proof.
  destruct (Forall_Exists_dec (fun j => 0 <= g j) (fun j => Rle_dec 0 (g j)) (seq 0 n)) as [H|H].
  - left. intros j Hj. rewrite Forall_forall in H. apply H. now apply in_rng.
  - right. apply Exists_exists in H. destruct H as (j & Hj & Hn). exists j. apply in_rng in Hj. split; [easy | lra].
Qed.

(** a finite sum of continuous functions *)
Lemma lsum_continuous {I : Type} (l : list I) (f : R -> I -> R) : (forall i, continuity (fun t => f t i)) ->
  continuity (fun t => lsum l (f t)).
Proof.
  intros H. induction l as [|i r IH]; simpl; [now apply continuity_const|].
  now apply (continuity_plus (fun t => f t i) (fun t => lsum r (f t))).
Qed.
