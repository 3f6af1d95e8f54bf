(** T7's step in POST (blueprint-2, section 3: "C1, C2, T7 (l = 1) follow" from T1P): one slot is read off, no block
    writes to it from then on, a neuron is loaded and read. What `depth` does without a reference in class `post`.

    Definitions: [post_step], V scaled by 1 - e, and slot j read by v.
    Statements: T1P. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import losses slots stream draw.
From Skipscape.theorems Require Import emptying one_slot_streams post.
Import ListNotations.
Open Scope R_scope.

Section PostOneSlot.
Variables (X : data) (m K : nat) (Bl : nat -> branch).
Notation net := (post X m K Bl).
Notation loss P := (squared X (net P)).

Definition post_step (P : stream_param) (e : R) (v : vector) (j : nat) : stream_param :=
  post_readout P (fun i b => if Nat.eqb i j then v b else (1 - e) * sV P i b).

Lemma post_refillable P j : (j < m)%nat -> unread P [j] -> refillable X net P.
Proof.
  intros Hj H0 e w v c HP Hend. set (P1 := enter P [j] (fun _ => w)). set (E := post_step P1 e v j).
  assert (Hload : forall t, net (lin t P P1) = net P) by (intros t; now apply enter_silent).
  assert (Hload1 : net P1 = net P) by (rewrite <- (lin_1 P P1); apply Hload).
  assert (Hslot : forall k, pstate X m Bl P1 K k j = relu (dot X w (input X k))).
  { intros k. rewrite carried.
    - unfold stream_feature. f_equal. apply dot_ext; intros i. unfold P1, enter; stream_entries. simpl.
      now rewrite Nat.eqb_refl.
    - intros n s. unfold P1, enter; stream_entries. simpl. now rewrite Nat.eqb_refl. }
  assert (HV : forall b, sV P j b = 0) by (intros b; now apply (H0 j (or_introl eq_refl))).
  assert (HE : net E = fun k b => (1 - e) * net P k b + v b * relu (dot X w (input X k))).
  { apply matrix_ext; intros k b. rewrite <- Hload1. unfold post.
    rewrite (lsum_ext _ _ (fun i => (1 - e) * (sV P1 i b * pstate X m Bl P1 K k i)
      + (if Nat.eqb j i then v b * relu (dot X w (input X k)) else 0))).
    - rewrite lsum_plus, lsum_scal, (lsum_delta m j (fun _ => v b * relu (dot X w (input X k))) Hj). easy.
    - intros i _. rewrite (pstate_readout X m Bl P1 E) by reflexivity.
      change (sV E i b) with (if Nat.eqb i j then v b else (1 - e) * sV P i b). change (sV P1 i b) with (sV P i b).
      rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [Hij|Hij]; [rewrite Hij, Hslot, HV|]; ring. }
  exists E. split; [|now rewrite HE].
  apply (joined_step _ P P1); [intros t _; unfold sublevel; now rewrite Hload|].
  apply joined_line. intros t Ht. unfold sublevel, E, post_step. rewrite post_affine.
  eapply Rle_trans; [apply (convex_max_at_ends _ (L7_squared X)); exact Ht|]. apply Rmax_lub; [now rewrite Hload1|].
  fold (post_step P1 e v j). fold E. now rewrite HE.
Qed.

(** "T7 (l = 1)": the depth is at most 2 sqrt(L) D + D^2 with D = D_P({j}) for any slot j, above threshold (ii) *)
Theorem T1P_one_slot l w v P j nv u a Kc : (j < m)%nat -> post_bounds X m K Bl P nv u a ->
  variance X l w v <= Kc^2 -> 0 <= Kc -> let D := post_deviation X m K Bl P [j] nv u a in
  Kc * sqrt (rise (loss P) D) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (rise (loss P) D).
Proof.
  intros Hj Hb Hv HK D Hthr. set (P1 := quiet P [j]).
  assert (Hdev : forall t, 0 <= t <= 1 -> fnorm X (fun k c => net (lin t P P1) k c - net P k c) <= t * D).
  { intros t Ht. now apply T1P_deviation. }
  assert (HD : 0 <= D).
  { pose proof (Hdev 1 ltac:(lra)) as H. pose proof (fnorm_nonneg X (fun k c => net (lin 1 P P1) k c - net P k c)). lra. }
  assert (Hpath : joined (near X net D P) P P1).
  { apply joined_line. intros t Ht. unfold near. eapply Rle_trans; [now apply Hdev|]. nra. }
  destruct (near_level X net P P1 D HD Hpath) as [Hlevel Hend].
  replace (rise (loss P) D) with ((loss P + rise (loss P) D) - loss P) by ring.
  apply (T7_any_class X net l w v P P1 (loss P + rise (loss P) D) Kc (sqrt (rise (loss P) D))); try easy.
  - apply (post_refillable P1 j Hj). intros i Hi. apply mem_In in Hi. unfold P1, quiet.
    split; intros; stream_entries; now rewrite Hi.
  - rewrite pow2_sqrt; [exact Hend | now apply rise_nonneg].
  - apply sqrt_pos.
Qed.
End PostOneSlot.
